using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>What one handshake of ours came to.</summary>
/// <param name="Succeeded">What the session said.</param>
/// <param name="CameBack">Whether it came back on the loop.</param>
/// <param name="TimedOut">As the session.</param>
/// <param name="Error">Of the leg.</param>
/// <param name="Failure">As the session.</param>
/// <param name="FirstBytes">As the session.</param>
internal sealed record HandshakeOutcome(bool Succeeded, bool CameBack, bool TimedOut, Errno Error, Exception? Failure, byte[] FirstBytes);

/// <summary>A handshake without a connection after it: both legs are closed when it is over, however it went.</summary>
internal sealed class HandshakeAttempt : IDisposable
{
    private readonly TaskCompletionSource<HandshakeOutcome> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="loop">Where.</param>
    /// <param name="place">Which side of the handshake is ours: the server's (terminate) or the client's.</param>
    /// <param name="milliseconds">Until the deadline.</param>
    /// <param name="version">The only one we take part in.</param>
    /// <param name="judge">Our certificate callback.</param>
    public HandshakeAttempt(TestLoop loop, TlsPlace place, int milliseconds = Patience.Milliseconds,
        SslProtocols version = SslProtocols.Tls13, RemoteCertificateValidationCallback? judge = null)
    {
        loop.Expect(leg => RunAsync(loop, leg, place, milliseconds, version, judge));
        var client = ScriptedPeer.Connect(loop.ClientAddress);
        if (place == TlsPlace.Terminate)
        {
            Peer = new TlsPeer(client.Socket);
        }
        else
        {
            Downstream = client;
            Peer = new TlsPeer(loop.AcceptServer());
        }
    }

    /// <summary>Whom we shake hands with, and who has said nothing yet.</summary>
    public TlsPeer Peer { get; }

    /// <summary>For whom, where the handshake is the client's.</summary>
    public ScriptedPeer? Downstream { get; }

    public bool IsOver => _over.Task.IsCompleted;

    public HandshakeOutcome Outcome() => _over.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();

    /// <summary>The peer's side of it.</summary>
    public void ShakeHands(SslProtocols version = SslProtocols.Tls13)
    {
        if (Downstream is null)
        {
            Peer.Stream.AuthenticateAsClient(TlsIdentity.Client(version));
        }
        else
        {
            Peer.Stream.AuthenticateAsServer(TlsIdentity.Server(version));
        }
    }

    public void Dispose()
    {
        Peer.Dispose();
        Downstream?.Dispose();
    }

    private async Task RunAsync(TestLoop loop, Leg downstream, TlsPlace place, int milliseconds, SslProtocols version,
        RemoteCertificateValidationCallback? judge)
    {
        downstream.Enter();
        var leg = place == TlsPlace.Terminate ? downstream : (await Dialer.DialAsync(downstream, loop.ServerAddress, new DialOptions())).Leg!;
        var session = new TlsSession(leg, loop.Handshakes);
        var deadline = loop.Loop.Now + milliseconds;
        try
        {
            var succeeded = place == TlsPlace.Terminate
                ? await session.AcceptAsync(TlsIdentity.Server(version, judge), deadline)
                : await session.ConnectAsync(TlsIdentity.Client(version, judge), deadline, downstream);
            _over.SetResult(new HandshakeOutcome(
                succeeded, loop.Loop.IsCurrent, session.TimedOut, leg.Error, session.Failure, session.FirstBytes.ToArray()));
        }
        catch (Exception error)
        {
            _over.SetException(error);
        }
        await loop.Loop.SwitchToAsync();
        session.Dispose();
        // In order, so that an alert on its way is not overtaken.
        leg.Close(reset: false);
        downstream.Close(reset: false);
    }
}
