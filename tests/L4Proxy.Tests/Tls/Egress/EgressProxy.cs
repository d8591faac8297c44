using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Interception;
using L4Proxy.Tests.Running;
using L4Proxy.Tls;
using L4Proxy.Transport;
using L4Proxy.Transport.Hosting;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tests.Tls.Egress;

/// <summary>The outbound path from the dial on, without a host: callers in clear, TLS to a server of the test.</summary>
internal sealed class EgressProxy : IDisposable
{
    private readonly EventLoops _loops = new(new TransportSettings { Loops = 1 });
    private readonly HandshakeThreads _threads = new(1);
    private readonly ConcurrentQueue<Func<Leg, IPEndPoint, Task>> _expected = new();
    private readonly TransferCounters _counters = new();
    private readonly EgressTls _tls;
    private readonly Acceptor _acceptor;

    public EgressProxy()
    {
        _tls = new EgressTls(new HandshakeGate(_threads));
        var listener = ListeningSocket.Open(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), share: false, new TransportSettings());
        _acceptor = new Acceptor(_loops.All[0], listener, Accepted, error => Debug.Fail($"the acceptor died: {error}"));
        Port = _acceptor.LocalEndPoint!.Port;
        _loops.All[0].Post(_ => _acceptor.Start(), null);
    }

    private int Port { get; }

    /// <summary>Milliseconds for a handshake.</summary>
    public int Patient { get; init; } = 20_000;

    /// <summary>A caller of a server; the record is complete when the connection is over.</summary>
    /// <param name="begin">When the proxy begins with it; null: at once.</param>
    public async Task<(Dialogue Caller, Task<ConnectionRecord> Ending)> CallAsync(int serverPort, UpstreamSecurity security, Task? begin = null)
    {
        var ended = new TaskCompletionSource<ConnectionRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        _expected.Enqueue((leg, peer) => ServeAsync(leg, peer, begin, new IPEndPoint(IPAddress.Loopback, serverPort), security, ended));
        return (await Dialogue.ConnectAsync(Port), ended.Task.WaitAsync(Patience.Limit));
    }

    /// <summary>A caller who says something, and whom nobody must hear.</summary>
    public async Task<ConnectionRecord> RefusalAsync(int serverPort, UpstreamSecurity security)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (caller, ending) = await CallAsync(serverPort, security, said.Task);
        using (caller)
        {
            await caller.SayAsync("a secret");
            said.SetResult();
            var record = await ending;
            Assert.Equal((0, 0), (record.BytesToUpstream, record.BytesToDownstream));
            Assert.Equal(Phase.OriginatingTls, record.Phase);
            return record;
        }
    }

    public void Dispose()
    {
        _loops.Dispose();
        _threads.Dispose();
    }

    private void Accepted(Leg leg, IPEndPoint peer)
    {
        if (_expected.TryDequeue(out var serve))
        {
            _ = serve(leg, peer);
        }
    }

    private async Task ServeAsync(
        Leg downstream, IPEndPoint peer, Task? begin, IPEndPoint server, UpstreamSecurity security, TaskCompletionSource<ConnectionRecord> ended)
    {
        try
        {
            downstream.Enter();
            await (begin ?? Task.CompletedTask);
            await downstream.EnterLoopAsync();
            var record = new ConnectionRecord(1, Direction.Outbound, new(peer), new(new IPEndPoint(IPAddress.Loopback, Port)), Monotonic.Microseconds);
            var connection = new ProxiedConnection(record, downstream);
            var dial = await Dialer.DialAsync(downstream, server, new DialOptions());
            (connection.TlsEnd, var fault) = await _tls.ConnectAsync(
                dial.Leg!, downstream, record, security, new HandshakeLimits(Patient, 100, SslProtocols.Tls13));
            if (connection.TlsEnd is null)
            {
                fault.End(record);
            }
            else
            {
                Assert.Null(connection.Peer);
                connection.Conclude(await connection.SpliceAsync(dial.Leg!, _counters, default));
            }
            downstream.Close(reset: true);
            record.Close(Monotonic.Microseconds);
            ended.SetResult(record);
        }
        catch (Exception defect)
        {
            ended.SetException(defect);
        }
    }
}
