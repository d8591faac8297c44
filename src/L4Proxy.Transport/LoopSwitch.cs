using System.Runtime.CompilerServices;

namespace L4Proxy.Transport;

/// <summary>Awaited, goes on on the loop's thread: at once when already there, else after what was posted before.</summary>
public readonly struct LoopSwitch(EventLoop loop) : ICriticalNotifyCompletion
{
    /// <summary>What a loop is given for an await: its continuation, as the state.</summary>
    internal static readonly Action<object?> Run = static continuation => ((Action)continuation!)();

    public bool IsCompleted => loop.IsCurrent;

    public LoopSwitch GetAwaiter() => this;

    public void GetResult()
    {
        // Arriving is all there is; a switch has no result and cannot fail.
    }

    public void OnCompleted(Action continuation) => loop.Post(Run, continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(Run, continuation);
}

/// <summary>Awaited on the loop's thread, goes on there at the end of the turn.</summary>
internal readonly struct LoopYield(EventLoop loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public LoopYield GetAwaiter() => this;

    public void GetResult()
    {
        // Having waited is all there is.
    }

    public void OnCompleted(Action continuation) => loop.Defer(LoopSwitch.Run, continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Defer(LoopSwitch.Run, continuation);
}
