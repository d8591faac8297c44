using System.Diagnostics;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>Two programs and what is between them: a client, the splice, and the server it dialled.</summary>
internal sealed class SplicedPair(TestLoop loop) : IDisposable
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SpliceResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ScriptedPeer Client { get; private set; } = null!;
    public ScriptedPeer Server { get; private set; } = null!;
    public Leg Downstream { get; private set; } = null!;
    public Leg Upstream { get; private set; } = null!;
    public Splice Splice { get; private set; } = null!;
    public TestLoop Loop => loop;

    /// <summary>The two programs, the sender of this way first.</summary>
    public (ScriptedPeer Source, ScriptedPeer Destination) Along(Flow flow) =>
        flow == Flow.ToUpstream ? (Client, Server) : (Server, Client);

    public SpliceResult End() => _ended.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Bytes that both directions have delivered.</summary>
    public long Moved() => loop.On(_ => Splice.BytesToUpstream + Splice.BytesToDownstream);

    /// <summary>One message there and one back.</summary>
    public void RoundTrip(int bytes = 128)
    {
        Client.Send(bytes);
        Server.Receive(bytes);
        Server.Send(bytes);
        Client.Receive(bytes);
    }

    internal void Join(ScriptedPeer client, ScriptedPeer server)
    {
        Client = client;
        Server = server;
        _started.Task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();
    }

    /// <summary>The proxy's handler at its smallest: dial, splice, done.</summary>
    internal async Task ServeAsync(Leg downstream, SpliceTimeouts timeouts)
    {
        Downstream = downstream;
        downstream.Enter();
        var dial = await Dialer.DialAsync(downstream, loop.ServerAddress, new DialOptions());
        if (dial.Leg is null)
        {
            downstream.Close(reset: true);
            _started.SetException(new InvalidOperationException($"the dial failed: {dial.Error}"));
            return;
        }
        Debug.Assert(loop.Loop.IsCurrent, "a dial comes back to its loop");
        Upstream = dial.Leg;
        Splice = new Splice(downstream, Upstream, loop.Counters, timeouts);
        var running = Splice.RunAsync();
        _started.SetResult();
        _ended.SetResult(await running);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
