using System.Diagnostics;
using System.Security.Authentication;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>A program that speaks TLS, the splice with TLS on the leg toward it, and a program that does not.</summary>
internal sealed class TlsPair : IDisposable
{
    private readonly TestLoop _loop;
    private readonly TlsPlace _place;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SpliceResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="loop">Where the splice runs.</param>
    /// <param name="place">Which of the two programs speaks TLS: the client or the server.</param>
    /// <param name="version">The only one both offer.</param>
    /// <param name="timeouts">Of the splice; none unless said otherwise.</param>
    /// <param name="clientReceiveBuffer">SO_RCVBUF of the client; 0 leaves it to the kernel. The server's is the loop's.</param>
    public TlsPair(TestLoop loop, TlsPlace place, SslProtocols version, SpliceTimeouts timeouts = default, int clientReceiveBuffer = 0)
    {
        _loop = loop;
        _place = place;
        loop.Expect(leg => ServeAsync(leg, version, timeouts));
        var client = ScriptedPeer.Connect(loop.ClientAddress, clientReceiveBuffer);
        if (place == TlsPlace.Terminate)
        {
            Tls = new TlsPeer(client.Socket);
            Tls.Stream.AuthenticateAsClient(TlsIdentity.Client(version));
            Plain = new ScriptedPeer(loop.AcceptServer());
        }
        else
        {
            Plain = client;
            Tls = new TlsPeer(loop.AcceptServer());
            Tls.Stream.AuthenticateAsServer(TlsIdentity.Server(version));
        }
        _started.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();
    }

    public TlsPeer Tls { get; }
    public ScriptedPeer Plain { get; }
    public TlsSession Session { get; private set; } = null!;
    public Splice Splice { get; private set; } = null!;

    public bool HasEnded => _ended.Task.IsCompleted;

    public Leg TlsLeg => Session.Leg;
    public Leg PlainLeg => _place == TlsPlace.Terminate ? Splice.Upstream : Splice.Downstream;

    /// <summary>The two programs, the one that acts first.</summary>
    public (IPeer Actor, IPeer Other) By(bool tlsActs) => tlsActs ? (Tls, Plain) : (Plain, Tls);

    public SpliceResult End() => _ended.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();

    /// <summary>Bytes that were delivered of what one of the two has sent. To be asked on the loop.</summary>
    public long MovedFrom(bool tls) => tls == (_place == TlsPlace.Terminate) ? Splice.BytesToUpstream : Splice.BytesToDownstream;

    /// <summary>The end to expect when the leg toward one of the two fails in the kernel's eyes.</summary>
    public SpliceEnd Failed(bool tls) => tls == (_place == TlsPlace.Terminate) ? SpliceEnd.DownstreamFailed : SpliceEnd.UpstreamFailed;

    /// <summary>The result to expect when TLS itself ends the splice.</summary>
    public SpliceResult EndOfTls(SpliceEnd end) => new(end, Native.Errno.None, UpstreamEndedFirst: _place == TlsPlace.Originate);

    /// <summary>One message there and one back.</summary>
    public void RoundTrip(int bytes = 128)
    {
        Tls.Send(bytes);
        Plain.Receive(bytes);
        Plain.Send(bytes);
        Tls.Receive(bytes);
    }

    /// <summary>Sends until what was sent has stood still for several slots of the wheel.</summary>
    /// <returns>The sender, which is stuck in its last write until somebody reads.</returns>
    public Task Stall(bool tlsSends)
    {
        var source = By(tlsSends).Actor;
        var sending = SendWithoutEnd(tlsSends);
        for (var quiet = 0; quiet < 4; quiet++)
        {
            var before = (source.Sent, _loop.On(_ => MovedFrom(tlsSends)));
            _loop.AfterTimer(1);
            if (before != (source.Sent, _loop.On(_ => MovedFrom(tlsSends))) || source.Sent == 0)
            {
                quiet = 0;
            }
        }
        return sending;
    }

    /// <summary>Sends until the connection fails.</summary>
    public Task SendWithoutEnd(bool tlsSends)
    {
        var source = By(tlsSends).Actor;
        return Task.Factory.StartNew(() => SendWhilePossible(source), TaskCreationOptions.LongRunning);
    }

    public void Dispose()
    {
        Tls.Dispose();
        Plain.Dispose();
    }

    private static void SendWhilePossible(IPeer source)
    {
        try
        {
            while (source is TlsPeer tls ? tls.TrySend(65_536) : ((ScriptedPeer)source).TrySend(65_536))
            {
            }
        }
        catch (ObjectDisposedException)
        {
            // The test has closed the socket under us.
        }
    }

    private async Task ServeAsync(Leg downstream, SslProtocols version, SpliceTimeouts timeouts)
    {
        downstream.Enter();
        var deadline = _loop.Loop.Now + Patience.Milliseconds;
        if (_place == TlsPlace.Terminate)
        {
            Session = new TlsSession(downstream, _loop.Handshakes);
            Check(await Session.AcceptAsync(TlsIdentity.Server(version), deadline));
        }
        var dial = await Dialer.DialAsync(downstream, _loop.ServerAddress, new DialOptions());
        Debug.Assert(dial.Leg is not null, $"the dial failed: {dial.Error}");
        if (_place == TlsPlace.Originate)
        {
            Session = new TlsSession(dial.Leg, _loop.Handshakes);
            Check(await Session.ConnectAsync(TlsIdentity.Client(version), deadline, downstream));
        }
        Splice = new Splice(downstream, dial.Leg, _loop.Counters, timeouts, Session);
        var running = Splice.RunAsync();
        _started.SetResult();
        _ended.SetResult(await running);
    }

    private void Check(bool succeeded)
    {
        if (!succeeded)
        {
            _started.SetException(new InvalidOperationException($"the handshake failed: {Session.Failure}"));
        }
        Debug.Assert(_loop.Loop.IsCurrent, "a handshake comes back to its loop");
    }
}
