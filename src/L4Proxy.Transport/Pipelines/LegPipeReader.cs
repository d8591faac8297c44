using System.IO.Pipelines;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Pipelines;

/// <summary>
/// Reads straight from a leg. Holds a buffer only from the arrival of bytes until they are consumed. A reset is a
/// <see cref="Microsoft.AspNetCore.Connections.ConnectionResetException"/>, our own abort a
/// <see cref="Microsoft.AspNetCore.Connections.ConnectionAbortedException"/>, any other failure an <see cref="IOException"/>.
/// </summary>
internal sealed class LegPipeReader : PipeReader
{
    /// <summary>
    /// Bytes that may be examined without any being consumed: 1 MiB, the order of the largest message prefix anything here parses
    /// (HTTP servers stop at 32 KiB of headers, a TLS record at 16 KiB). Beyond it a read fails with <see cref="InvalidDataException"/>.
    /// </summary>
    public const int MaxBuffered = 1024 * 1024;

    private static readonly Action<object?> _poll = static reader => ((LegPipeReader)reader!).Poll();

    private readonly Leg _leg;
    private readonly PendingOperation<ReadResult> _pending;
    private ReadBuffer _buffer;
    private int _budget;
    private bool _mayAdvance;
    private bool _mustAdvance;
    private bool _isEnd;
    private volatile bool _isCompleted;

    public LegPipeReader(Leg leg)
    {
        _leg = leg;
        _buffer = new ReadBuffer(leg.Loop);
        _budget = leg.Loop.Settings.TurnBudget;
        _pending = new PendingOperation<ReadResult>(leg.Loop, _poll, this);
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfBusy();
        return TryTake(out result, out var failure) && (failure is null ? true : throw failure);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfBusy();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }
        if (TryTake(out var result, out var failure))
        {
            return failure is null ? new ValueTask<ReadResult>(result) : ValueTask.FromException<ReadResult>(failure);
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

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_mayAdvance || _isCompleted)
        {
            throw new InvalidOperationException("there is no read to advance: each result is advanced once, before completion");
        }
        _buffer.AdvanceTo(consumed, examined);
        _mayAdvance = _mustAdvance = false;
    }

    public override void CancelPendingRead() => _pending.Cancel();

    /// <summary>Reads no more; the leg and what was written to it are left alone.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }
        _isCompleted = true;
        _buffer.Release();
        if (_pending.IsPending)
        {
            _pending.PostPoll();
        }
    }

    private void Poll()
    {
        if (!_pending.IsPending)
        {
            return;
        }
        _budget = _leg.Loop.Settings.TurnBudget;
        if (_isCompleted)
        {
            _pending.Complete(default, LegFailure.Of(Errno.EBADF));
        }
        else if (_pending.TokenFailure is { } cancelled)
        {
            _pending.Complete(default, cancelled);
        }
        else if (TryTake(out var result, out var failure))
        {
            _pending.Complete(result, failure);
        }
        else
        {
            Wait();
        }
    }

    private void Wait()
    {
        if (_budget <= 0)
        {
            _leg.Loop.Defer(_poll, this);
            return;
        }
        _leg.Enter();
        _leg.WhenReadable(_poll, this);
    }

    private bool TryTake(out ReadResult result, out Exception? failure)
    {
        failure = null;
        if (_pending.TakeCancel())
        {
            result = HandOut(isCanceled: true);
            return true;
        }
        if (_isEnd || _buffer.HasUnexamined)
        {
            result = HandOut(isCanceled: false);
            return true;
        }
        result = default;
        // With its budget spent, a middleware that never has to wait would keep its loop from everyone else: it waits one turn.
        return _leg.Loop.IsCurrent && _budget > 0 && TryReceive(out result, out failure);
    }

    private bool TryReceive(out ReadResult result, out Exception? failure)
    {
        result = default;
        failure = _leg.Error == Errno.ECANCELED ? LegFailure.Of(Errno.ECANCELED)
            : _buffer.TryMakeRoom(MaxBuffered) ? null
            : new InvalidDataException($"{_buffer.Count} bytes examined, none consumed, and no room for more: consume in parts");
        if (failure is not null)
        {
            return true;
        }
        var received = _leg.TryReceive(_buffer.Room);
        _buffer.Filled(received.Bytes);
        _buffer.ReleaseIfEmpty();
        _budget -= received.Bytes;
        if (received.WouldBlock)
        {
            return false;
        }
        if (received.Error != Errno.None)
        {
            failure = LegFailure.Of(received.Error);
            return true;
        }
        _isEnd = received.IsEnd;
        result = HandOut(isCanceled: false);
        return true;
    }

    private ReadResult HandOut(bool isCanceled)
    {
        // As with the runtime's pipe, a cancelled or empty result may be advanced or be left.
        _mayAdvance = true;
        _mustAdvance = !isCanceled && _buffer.Count > 0;
        return new ReadResult(_buffer.Bytes, isCanceled, _isEnd);
    }

    private void ThrowIfBusy()
    {
        if (_isCompleted || _mustAdvance || _pending.IsPending)
        {
            throw new InvalidOperationException(
                _isCompleted ? "the reader is completed" : "the last read is not over: await it and advance its result first");
        }
    }
}
