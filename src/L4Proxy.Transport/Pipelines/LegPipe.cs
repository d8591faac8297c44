using System.IO.Pipelines;

namespace L4Proxy.Transport.Pipelines;

/// <summary>
/// A leg as a duplex pipe: reads take from the socket and flushes give to it, with nothing running in between. This is what
/// connection middleware sees as its transport.
/// </summary>
/// <remarks>
/// Callable on any thread: on the leg's loop everything happens inline, from another thread a read or flush hops to the loop first
/// and the code that awaited it goes on there, so it must not block. One reader and one writer at a time, as with every pipe.
/// </remarks>
internal sealed class LegPipe(Leg leg) : IDuplexPipe, IAsyncDisposable
{
    private readonly LegPipeReader _input = new(leg);
    private readonly LegPipeWriter _output = new(leg);

    public PipeReader Input => _input;
    public PipeWriter Output => _output;

    /// <summary>
    /// Ends both sides as their completion would, waits until the kernel has what was written, and closes the leg. Bytes the peer
    /// does not take hold it up: <see cref="Leg.Abort"/> ends that wait.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await leg.Loop.SwitchToAsync();
        _input.Complete();
        _output.Complete();
        await _output.FinishedAsync();
        leg.Close(reset: leg.HasFailed);
    }
}
