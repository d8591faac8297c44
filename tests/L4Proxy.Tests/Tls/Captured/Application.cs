using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>One port of a workload: holds the server's side of one conversation, in clear or with TLS of its own, and tells of each visit.</summary>
internal sealed class Application : IAsyncDisposable
{
    private const uint Uid = 1000;

    private readonly Channel<Visit> _visits = Channel.CreateUnbounded<Visit>();
    private readonly NetworkNamespace _where;
    private readonly Server _server;

    /// <param name="where">The pod.</param>
    /// <param name="port">Its port.</param>
    /// <param name="first">Which conversation.</param>
    /// <param name="tls">Its own TLS; null for none.</param>
    public Application(NetworkNamespace where, int port, First first, SslServerAuthenticationOptions? tls = null)
    {
        (_where, Port) = (where, port);
        _server = new Server(where, port, (accepted, cancellationToken) => ServeAsync(accepted, first, tls, cancellationToken), Uid, Uid);
    }

    public int Port { get; }

    /// <summary>Completes when there is a connection nobody has asked for yet.</summary>
    public Task VisitedAsync() => _visits.Reader.WaitToReadAsync().AsTask();

    /// <summary>The next connection nobody has asked for yet.</summary>
    public Task<Visit> VisitAsync() => _visits.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    /// <summary>
    /// Every connection so far nobody has asked for: one more is made past the proxy, and connections are accepted in the order in which
    /// they were established, so when that one is met there is no other on its way.
    /// </summary>
    public async Task<IReadOnlyList<Visit>> VisitsAsync()
    {
        using var last = _where.Open(AddressFamily.InterNetwork, Uid, Uid);
        await last.ConnectAsync("127.0.0.1", Port);
        var visits = new List<Visit>();
        while (await VisitAsync() is { From: not "127.0.0.1" } visit)
        {
            visits.Add(visit);
        }
        last.Shutdown(SocketShutdown.Send);
        return visits;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket accepted, First first, SslServerAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        accepted.NoDelay = true;
        var visit = new Visit(Server.Address(accepted.RemoteEndPoint!).ToString());
        await using var wire = new RecordedStream(new NetworkStream(accepted));
        Stream stream = wire;
        _visits.Writer.TryWrite(visit);
        try
        {
            if (tls is not null)
            {
                var session = new SslStream(wire);
                stream = session;
                await session.AuthenticateAsServerAsync(tls, cancellationToken);
            }
            await Turns.ServeAsync(stream, first);
            await Turns.EndAsync(stream, accepted);
        }
        catch (Exception ended) when (ended is IOException or AuthenticationException)
        {
            // The visitor left early, or spoke something else than TLS; what it said is what the test asks for.
        }
        finally
        {
            visit.End(wire);
        }
    }
}
