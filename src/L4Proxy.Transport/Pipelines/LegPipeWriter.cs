using System.IO.Pipelines;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Pipelines;

/// <summary>
/// Writes straight to a leg: a flush is a send, and when it completes the kernel has every byte. Holds a buffer only while bytes
/// wait for a flush or for the peer. Failures are thrown, as the reader's are: bytes that could not be given are never dropped in silence.
/// </summary>
internal sealed class LegPipeWriter : PipeWriter
{
    private static readonly Action<object?> _poll = static writer => ((LegPipeWriter)writer!).Poll();

    private readonly Leg _leg;
    private readonly PendingOperation<FlushResult> _pending;
    private TaskCompletionSource? _finished;
    private ReadOnlyMemory<byte> _borrowed;
    private WriteBuffer _buffer;
    private bool _isCompleted;
    private bool _resets;
    private volatile bool _isFinishing;

    public LegPipeWriter(Leg leg)
    {
        _leg = leg;
        _buffer = new WriteBuffer(leg.Loop);
        _pending = new PendingOperation<FlushResult>(leg.Loop, _poll, this);
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffer.Count;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfBusy();
        return _buffer.Reserve(Math.Max(sizeHint, 1));
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfBusy();
        _buffer.Written(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        SendAsync(default, cancellationToken);

    /// <summary>Sends <paramref name="source"/> after what was written before, from where it lies: nothing is copied.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        SendAsync(source, cancellationToken);

    public override void CancelPendingFlush() => _pending.Cancel();

    /// <summary>Without an exception: FIN after everything written, and reading goes on. With one: the connection is reset.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }
        _isCompleted = true;
        _resets = exception is not null;
        _isFinishing = true;
        _pending.Poll();
    }

    /// <summary>Completes when the completed writer has given its last byte, or cannot any more. On the loop.</summary>
    internal Task FinishedAsync() => _isFinishing ? (_finished ??= new TaskCompletionSource()).Task : Task.CompletedTask;

    private ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        ThrowIfBusy();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }
        _borrowed = source;
        if (_pending.TakeCancel())
        {
            KeepBorrowed();
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: false));
        }
        if (TrySend(out var failure))
        {
            return failure is null ? default : ValueTask.FromException<FlushResult>(failure);
        }
        var task = _pending.StartAsync(cancellationToken);
        if (_leg.Loop.IsCurrent && !cancellationToken.IsCancellationRequested)
        {
            Wait();
        }
        else
        {
            _pending.PostPoll();
        }
        return task;
    }

    private void Poll()
    {
        var isPending = _pending.IsPending;
        if (!isPending && !_isFinishing)
        {
            return;
        }
        if (_resets)
        {
            _leg.Close(reset: true);
        }
        if (isPending && !_isFinishing && EndedByCaller())
        {
            return;
        }
        if (!TrySend(out var failure))
        {
            Wait();
            return;
        }
        if (_isFinishing)
        {
            _isFinishing = false;
            if (failure is null)
            {
                _leg.ShutdownWrite();
            }
            _finished?.SetResult();
        }
        if (isPending)
        {
            _pending.Complete(default, failure);
        }
    }

    /// <summary>A flush given up keeps its bytes: the next one sends them.</summary>
    private bool EndedByCaller()
    {
        var cancelled = _pending.TokenFailure;
        if (cancelled is null && !_pending.TakeCancel())
        {
            return false;
        }
        KeepBorrowed();
        _pending.Complete(new FlushResult(isCanceled: true, isCompleted: false), cancelled);
        return true;
    }

    private void Wait()
    {
        _leg.Enter();
        _leg.WhenWritable(_poll, this);
    }

    /// <returns>False when there are bytes left and this is not the moment to give them.</returns>
    private bool TrySend(out Exception? failure)
    {
        failure = null;
        while (_buffer.Count > 0 || !_borrowed.IsEmpty)
        {
            if (!_leg.Loop.IsCurrent)
            {
                return false;
            }
            var fromBuffer = _buffer.Count > 0;
            var sent = _leg.TrySend(fromBuffer ? _buffer.Bytes : _borrowed.Span);
            if (sent.WouldBlock)
            {
                return false;
            }
            if (sent.Error != Errno.None)
            {
                failure = LegFailure.Of(sent.Error);
                break;
            }
            _buffer.Sent(fromBuffer ? sent.Bytes : 0);
            _borrowed = fromBuffer ? _borrowed : _borrowed[sent.Bytes..];
        }
        _borrowed = default;
        _buffer.Release();
        return true;
    }

    private void KeepBorrowed()
    {
        _buffer.Append(_borrowed);
        _borrowed = default;
    }

    private void ThrowIfBusy()
    {
        if (_isCompleted || _pending.IsPending)
        {
            throw new InvalidOperationException(_isCompleted ? "the writer is completed" : "a flush is pending: await it first");
        }
    }
}
