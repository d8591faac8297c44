using System.Runtime.CompilerServices;

namespace L4Proxy.Transport;

/// <summary>Awaited, goes on on the loop's thread: at once when already there, else after what was posted before.</summary>
public readonly struct LoopSwitch(EventLoop loop) : ICriticalNotifyCompletion
{
    private static readonly Action<object?> _run = static continuation => ((Action)continuation!)();

    public bool IsCompleted => loop.IsCurrent;

    public LoopSwitch GetAwaiter() => this;

    public void GetResult()
    {
        // Arriving is all there is; a switch has no result and cannot fail.
    }

    public void OnCompleted(Action continuation) => loop.Post(_run, continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(_run, continuation);
}
