using System.Threading.Tasks.Sources;

namespace L4Proxy.Transport.Pipelines;

/// <summary>
/// The one read or flush that a side of a pipe is waiting in, reused for its life. It knows nothing of bytes: whatever may have
/// changed makes the loop run <c>poll</c>, which looks for itself, so a poll too many does no harm.
/// </summary>
/// <remarks>Started on any thread, completed on the loop, where the awaiting code goes on inline.</remarks>
internal sealed class PendingOperation<T>(EventLoop loop, Action<object?> poll, object owner) : IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private int _cancel;
    private volatile bool _isPending;

    public bool IsPending => _isPending;

    /// <summary>Set when the token of the pending operation was cancelled.</summary>
    public OperationCanceledException? TokenFailure =>
        _token.IsCancellationRequested ? new OperationCanceledException(_token) : null;

    /// <summary>Cancels the pending operation or, when there is none, the next. From any thread.</summary>
    public void Cancel()
    {
        Volatile.Write(ref _cancel, 1);
        PostPoll();
    }

    /// <summary>Has the owner look again: at once on the loop, soon from any other thread.</summary>
    public void Poll()
    {
        if (loop.IsCurrent)
        {
            poll(owner);
        }
        else
        {
            PostPoll();
        }
    }

    /// <summary>Whether <see cref="Cancel"/> was called since the last time this was asked.</summary>
    public bool TakeCancel() => Volatile.Read(ref _cancel) != 0 && Interlocked.Exchange(ref _cancel, 0) != 0;

    public ValueTask<T> StartAsync(CancellationToken cancellationToken)
    {
        _core.Reset();
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static operation => ((PendingOperation<T>)operation!).PostPoll(), this);
        }
        // Last: a poll on the loop may take everything above as soon as it sees this. One that came too early is made up for
        // by the poll that every start is followed by.
        _isPending = true;
        return new ValueTask<T>(this, _core.Version);
    }

    public void Complete(T result, Exception? failure)
    {
        _registration.Unregister();
        _registration = default;
        _token = default;
        _isPending = false;
        if (failure is null)
        {
            _core.SetResult(result);
        }
        else
        {
            _core.SetException(failure);
        }
    }

    public void PostPoll() => loop.Post(poll, owner);

    T IValueTaskSource<T>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
