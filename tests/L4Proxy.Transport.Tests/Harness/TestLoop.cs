using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Hosting;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>
/// A proxy without a host: one event loop, one acceptor on it, and a server to dial. Disposing it asserts that no socket, pipe or
/// buffer outlived the connections.
/// </summary>
internal sealed class TestLoop : IDisposable
{
    private readonly EventLoops _loops;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentQueue<Func<Leg, Task>> _expected = new();
    private readonly Lazy<HandshakeThreads> _handshakes = new(static () => new HandshakeThreads(1));
    private readonly Acceptor _acceptor;

    /// <param name="settings">One loop, whatever they say.</param>
    /// <param name="serverReceiveBuffer">SO_RCVBUF of the server's connections; 0 leaves it to the kernel.</param>
    public TestLoop(TransportSettings? settings = null, int serverReceiveBuffer = 0)
    {
        settings = (settings ?? new TransportSettings()) with { Loops = 1 };
        if (serverReceiveBuffer > 0)
        {
            _server.ReceiveBufferSize = serverReceiveBuffer;
        }
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen(4096);
        _loops = new EventLoops(settings);
        var listener = ListeningSocket.Open(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), share: false, settings);
        _acceptor = new Acceptor(Loop, listener, OnAccepted, error => Debug.Fail($"the acceptor died: {error}"));
        ClientAddress = _acceptor.LocalEndPoint!;
        On(_ =>
        {
            _acceptor.Start();
            return true;
        });
    }

    public EventLoops Loops => _loops;
    public EventLoop Loop => _loops.All[0];
    public TransferCounters Counters { get; } = new();

    /// <summary>As many as the product has: one per loop.</summary>
    public HandshakeThreads Handshakes => _handshakes.Value;

    /// <summary>Where clients connect: the acceptor.</summary>
    public IPEndPoint ClientAddress { get; }

    /// <summary>Where the proxy dials: the server.</summary>
    public IPEndPoint ServerAddress => (IPEndPoint)_server.LocalEndPoint!;

    /// <summary>A client through the splice to a server. Reset and drained without limit of time unless said otherwise.</summary>
    public SplicedPair Connect(SpliceTimeouts timeouts = default, int clientReceiveBuffer = 0)
    {
        var pair = new SplicedPair(this);
        Expect(leg => pair.ServeAsync(leg, timeouts));
        pair.Join(ScriptedPeer.Connect(ClientAddress, clientReceiveBuffer), new ScriptedPeer(AcceptServer()));
        return pair;
    }

    /// <summary>What to do with the next client, on the loop's thread. The leg is not registered yet.</summary>
    public void Expect(Func<Leg, Task> serve) => _expected.Enqueue(serve);

    /// <summary>The server's end of the oldest connection that the proxy has dialled.</summary>
    public Socket AcceptServer() => _server.Accept();

    /// <summary>The reference: the same two programs with nothing between them.</summary>
    public (ScriptedPeer Client, ScriptedPeer Server) ConnectDirectly() =>
        (ScriptedPeer.Connect(ServerAddress), new ScriptedPeer(_server.Accept()));

    /// <summary>Asks something on the loop's thread, where alone the answer holds together.</summary>
    public T On<T>(Func<EventLoop, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(_ =>
        {
            try
            {
                answer.SetResult(question(Loop));
            }
            catch (Exception error)
            {
                answer.SetException(error);
            }
        }, null);
        return answer.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();
    }

    public void Do(Action action) => On(_ =>
    {
        action();
        return true;
    });

    /// <summary>Comes back after the loop's clock has moved by at least <paramref name="milliseconds"/>.</summary>
    public void AfterTimer(int milliseconds)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(() => Loop.Timers.Set(new LoopTimer(_ => fired.SetResult(), null), Loop.Now + milliseconds));
        fired.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();
    }

    /// <summary>Waits for a state: asks turn by turn at first, then once per slot of the wheel.</summary>
    public void Until(Func<EventLoop, bool> state, Func<string> otherwise)
    {
        var patience = Stopwatch.StartNew();
        for (var asked = 0; !On(state); asked++)
        {
            Assert.True(patience.Elapsed < Patience.Limit, otherwise());
            if (asked > 100)
            {
                AfterTimer(1);
            }
        }
    }

    public void UntilNothingIsLeft() => Until(
        loop => loop.Sockets.Count == 1 && loop.Buffers.Rented == 0 && loop.Pipes.Rented == 0 && loop.Timers.Count == (loop.Young.Count > 0 ? 1 : 0)
            && Counters.HalfClosed == 0,
        () => On(loop => $"left behind: {loop.Sockets.Count - 1} sockets, {loop.Buffers.Rented} buffers, {loop.Pipes.Rented} pipes, "
            + $"{loop.Timers.Count} timers, {Counters.HalfClosed} half-closed"));

    public void Dispose()
    {
        try
        {
            UntilNothingIsLeft();
        }
        finally
        {
            _server.Dispose();
            _loops.Dispose();
            if (_handshakes.IsValueCreated)
            {
                _handshakes.Value.Dispose();
            }
        }
    }

    private void OnAccepted(Leg leg, IPEndPoint peer)
    {
        if (_expected.TryDequeue(out var serve))
        {
            _ = serve(leg);
        }
        else
        {
            leg.Close(reset: true);
        }
    }
}
