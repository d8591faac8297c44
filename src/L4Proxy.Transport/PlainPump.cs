namespace L4Proxy.Transport;

/// <summary>
/// One way of a splice between two legs that carry bytes as they are. A stalled destination costs one buffer or one pipe.
/// </summary>
/// <remarks>
/// Adaptive: messages go through the loop's scratch buffer, streams through a kernel pipe. The pump runs as a callback of its legs
/// instead of as an async method: it is the hottest path, and two tasks fewer is a quarter of an idle connection's memory.
/// </remarks>
internal sealed class PlainPump(Splice splice, Flow flow) : Pump(splice, flow)
{
    /// <summary>
    /// Full reads, in turns that each had one, after which the pipe is worth it (HAProxy's streamer flag wants 3). A turn often ends
    /// in a short read, also in the fastest of streams: 16 of them on one core were read as 64, 28, 64, 28 KiB …
    /// </summary>
    private const int FullReadsToSplice = 2;

    /// <summary>Transfers in a row below <see cref="SmallTransfer"/> after which copying is cheaper again.</summary>
    private const int SmallTransfersToCopy = 8;
    private const int SmallTransfer = 8 * 1024;

    private static readonly Action<object?> _advance = static pump => ((PlainPump)pump!).Advance();

    private byte[]? _held;
    private int _heldStart;
    private int _heldEnd;
    private KernelPipe? _pipe;
    private byte _fullReads;
    private byte _smallTransfers;
    private bool _fullThisTurn;
    private bool _streaming;
    private bool _unspliceable;

    /// <summary>Runs until there is something to wait for, then leaves a callback.</summary>
    public override void Advance()
    {
        if (End != PumpEnd.None)
        {
            return;
        }
        switch (Turn())
        {
            case Need.Readable:
                Source.WhenReadable(_advance, this);
                break;
            case Need.Writable:
                Destination.WhenWritable(_advance, this);
                break;
            case Need.OthersFirst:
                Source.Loop.Defer(_advance, this);
                break;
            case Need.Nothing:
                Ended();
                break;
        }
    }

    protected override void OnStopped(bool clean) => LetGo();

    private Need Turn()
    {
        var budget = Source.Loop.Settings.TurnBudget;
        ChooseForTests();
        while (true)
        {
            // What was taken goes out before anything else is taken.
            if (_held is not null || _pipe is { Count: > 0 })
            {
                var given = _held is not null ? Destination.TrySend(_held.AsSpan(_heldStart.._heldEnd)) : Destination.TryDrain(_pipe!);
                if (given.WouldBlock)
                {
                    return Need.Writable;
                }
                if (given.Error != Native.Errno.None)
                {
                    return Finish(PumpEnd.DestinationFailed);
                }
                Account(given.Bytes, spliced: _held is null);
                ReleaseHeld(given.Bytes);
                continue;
            }
            if (Destination.HasFailed)
            {
                return Finish(PumpEnd.DestinationFailed);
            }
            if (budget <= 0)
            {
                return Need.OthersFirst;
            }
            var taken = _streaming && (_pipe ??= Source.Loop.Pipes.TryRent(Source.Loop.Now)) is { } pipe ? Fill(pipe) : Copy();
            if (taken.WouldBlock)
            {
                ReturnPipe();
                if (!_fullThisTurn)
                {
                    _fullReads = 0;
                }
                _fullThisTurn = false;
                return Need.Readable;
            }
            if (taken.IsEnd)
            {
                return Finish(PumpEnd.EndOfStream);
            }
            if (taken.Error != Native.Errno.None && End == PumpEnd.None && !LeaveSplicing(taken))
            {
                return Finish(PumpEnd.SourceFailed);
            }
            if (End != PumpEnd.None)
            {
                return Need.Nothing;
            }
            budget -= taken.Bytes;
        }
    }

    private IoResult Fill(KernelPipe pipe)
    {
        var taken = Source.TryFill(pipe);
        if (taken.Bytes > 0)
        {
            _smallTransfers = taken.Bytes < SmallTransfer ? (byte)(_smallTransfers + 1) : (byte)0;
            if (_smallTransfers >= SmallTransfersToCopy)
            {
                _streaming = false;
                _smallTransfers = _fullReads = 0;
            }
        }
        return taken;
    }

    /// <summary>Takes into the scratch buffer and gives from it in the same turn; only what the destination refuses is kept.</summary>
    private IoResult Copy()
    {
        ReturnPipe();
        var scratch = Source.Loop.Scratch;
        var taken = Source.TryReceive(scratch);
        if (taken.Bytes == 0)
        {
            return taken;
        }
        if (taken.Bytes == scratch.Length)
        {
            _fullThisTurn = true;
            if (++_fullReads >= FullReadsToSplice && Source.Loop.Settings.Splice == SpliceMode.Adaptive && !_unspliceable)
            {
                _streaming = true;
                _fullReads = 0;
            }
        }
        var given = Destination.TrySend(scratch.AsSpan(0, taken.Bytes));
        if (given.Error != Native.Errno.None)
        {
            Finish(PumpEnd.DestinationFailed);
            return taken;
        }
        Account(given.Bytes, spliced: false);
        if (given.Bytes < taken.Bytes)
        {
            _held = Source.Loop.Buffers.Rent();
            scratch.AsSpan(given.Bytes, taken.Bytes - given.Bytes).CopyTo(_held);
            _heldStart = 0;
            _heldEnd = taken.Bytes - given.Bytes;
        }
        return taken;
    }

    private bool LeaveSplicing(IoResult taken)
    {
        if (!_streaming || taken.Error != Native.Errno.EINVAL)
        {
            return false;
        }
        _streaming = false;
        _unspliceable = true;
        return true;
    }

    private void ReleaseHeld(int given)
    {
        if (_held is null)
        {
            return;
        }
        _heldStart += given;
        if (_heldStart == _heldEnd)
        {
            Source.Loop.Buffers.Return(_held);
            _held = null;
        }
    }

    private void ReturnPipe()
    {
        if (_pipe is not null)
        {
            Source.Loop.Pipes.Return(_pipe);
            _pipe = null;
        }
    }

    private Need Finish(PumpEnd end)
    {
        End = end;
        LetGo();
        return Need.Nothing;
    }

    private void LetGo()
    {
        if (_held is not null)
        {
            Source.Loop.Buffers.Return(_held);
            _held = null;
        }
        ReturnPipe();
    }

    private void ChooseForTests()
    {
        var mode = Source.Loop.Settings.Splice;
        if (mode == SpliceMode.Always)
        {
            _streaming = !_unspliceable;
        }
        else if (mode == SpliceMode.Random)
        {
            _streaming = !_unspliceable && Random.Shared.Next(2) == 0;
        }
    }

    private enum Need
    {
        Readable,
        Writable,
        OthersFirst,
        Nothing,
    }
}
