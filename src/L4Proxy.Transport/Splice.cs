using System.Threading.Tasks.Sources;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Transport;

/// <summary>
/// Copies both ways between two legs until both have ended, and closes them as they ended: a FIN is passed on as a FIN when every
/// byte before it is delivered, the other way goes on; a reset stays a reset.
/// </summary>
/// <remarks>Lives on the legs' loop. Completes its one awaiter inline there.</remarks>
public sealed class Splice : IValueTaskSource<SpliceResult>
{
    /// <summary>How often a reset waits for the survivor's kernel to send what it still holds: there is no event for that.</summary>
    private const int FlushPollMilliseconds = 64;

    private readonly Pump _toUpstream;
    private readonly Pump _toDownstream;
    private readonly TransferCounters _counters;
    private readonly SpliceTimeouts _timeouts;
    private LoopTimer? _timer;
    private Action<object?>? _continuation;
    private object? _state;
    private SpliceResult _result;
    private Stage _stage;
    private bool _hasResult;

    /// <param name="downstream">The leg that was accepted.</param>
    /// <param name="upstream">The leg that was dialled, on the same loop.</param>
    /// <param name="counters">Of the loop.</param>
    /// <param name="timeouts">Read once.</param>
    /// <param name="tls">The session of one of the two legs, its handshake over; the splice disposes of it. Null: bytes as they are.</param>
    public Splice(Leg downstream, Leg upstream, TransferCounters counters, SpliceTimeouts timeouts, TlsSession? tls = null)
    {
        Downstream = downstream;
        Upstream = upstream;
        _counters = counters;
        _timeouts = timeouts;
        _toUpstream = PumpOf(Flow.ToUpstream, downstream, tls);
        _toDownstream = PumpOf(Flow.ToDownstream, upstream, tls);
        downstream.Partner = upstream;
        upstream.Partner = downstream;
        LastMoved = downstream.Loop.Now;
    }

    public long BytesToUpstream => _toUpstream.Moved;
    public long BytesToDownstream => _toDownstream.Moved;

    /// <summary>Whether any byte went through a kernel pipe.</summary>
    public bool Spliced => _toUpstream.Spliced || _toDownstream.Spliced;

    /// <summary>When a byte last moved, in the loop's milliseconds.</summary>
    public long LastMoved { get; private set; }

    /// <summary>When the first byte of the upstream was delivered, in microseconds of <see cref="Monotonic"/>; 0 before.</summary>
    public long FirstByteAt { get; private set; }

    internal Leg Downstream { get; }
    internal Leg Upstream { get; }

    private EventLoop Loop => Downstream.Loop;

    /// <summary>Starts both pumps. Await it once.</summary>
    public ValueTask<SpliceResult> RunAsync()
    {
        SetTimer();
        Loop.Young.Add(this);
        _toUpstream.Advance();
        _toDownstream.Advance();
        return new ValueTask<SpliceResult>(this, 0);
    }

    /// <summary>Ends the splice now.</summary>
    /// <param name="reset">RST to both sides; otherwise FIN, which tells an idle peer that nothing was lost.</param>
    public void Abort(bool reset)
    {
        if (_stage == Stage.Done)
        {
            return;
        }
        SetResult(new SpliceResult(SpliceEnd.Aborted, Errno.None, UpstreamEndedFirst: false));
        Finish(reset);
    }

    internal void OnMoved(Flow flow, int bytes, bool spliced)
    {
        LastMoved = Loop.Now;
        if (FirstByteAt == 0 && flow == Flow.ToDownstream)
        {
            FirstByteAt = Loop.NowMicroseconds;
        }
        _counters.Add(flow, bytes, spliced);
    }

    /// <summary>The splice has outlived a short exchange.</summary>
    internal void OnGrownUp()
    {
        if (_stage != Stage.Done)
        {
            Upstream.KeepAlive();
        }
    }

    internal void OnPumpEnded(Pump pump)
    {
        if (_stage == Stage.Done)
        {
            return;
        }
        var towardUpstream = pump.Flow == Flow.ToUpstream;
        var other = towardUpstream ? _toDownstream : _toUpstream;
        if (pump.End != PumpEnd.EndOfStream)
        {
            var upstreamFailed = UpstreamFailed(pump);
            SetResult(FailureOf(pump.End, upstreamFailed ? Upstream : Downstream, upstreamFailed));
        }
        if (pump.End is PumpEnd.SourceTruncated or PumpEnd.TlsFailed)
        {
            // A direct peer would have been cut off here as well: nothing that still comes from either side is to be trusted.
            (UpstreamFailed(pump) ? Upstream : Downstream).Abort(Errno.EPROTO);
        }
        if (other.End != PumpEnd.None)
        {
            FinishBoth(other);
            return;
        }
        if (pump.End == PumpEnd.EndOfStream)
        {
            (towardUpstream ? Upstream : Downstream).ShutdownWrite();
        }
        // One way is over. The other keeps going: an answer may still come, or bytes that arrived before a reset be delivered.
        _stage = Stage.OneWay;
        _counters.HalfCloseBegan();
        LastMoved = Loop.Now;
        SetTimer();
    }

    /// <summary>Whose leg made the pump fail. TLS is spoken on one leg only: by what decrypts it, or by what encrypts.</summary>
    private static bool UpstreamFailed(Pump pump)
    {
        var destinationFailed = pump.End == PumpEnd.DestinationFailed || (pump.End == PumpEnd.TlsFailed && pump is EncryptPump);
        return (pump.Flow == Flow.ToUpstream) == destinationFailed;
    }

    private static SpliceResult FailureOf(PumpEnd end, Leg failed, bool upstreamFailed) => end switch
    {
        PumpEnd.SourceTruncated => new(SpliceEnd.TlsTruncated, Errno.None, upstreamFailed),
        PumpEnd.TlsFailed => new(SpliceEnd.TlsFailed, Errno.None, upstreamFailed),
        _ => new(upstreamFailed ? SpliceEnd.UpstreamFailed : SpliceEnd.DownstreamFailed, failed.Error, false),
    };

    private Pump PumpOf(Flow flow, Leg source, TlsSession? tls) =>
        tls is null ? new PlainPump(this, flow)
        : tls.Leg == source ? new DecryptPump(this, flow, tls)
        : new EncryptPump(this, flow, tls);

    private void FinishBoth(Pump endedFirst)
    {
        if (!_hasResult)
        {
            // Both ends of stream: closing sends the second FIN after everything queued, so no shutdown is needed.
            SetResult(new SpliceResult(SpliceEnd.Completed, Errno.None, endedFirst.Flow == Flow.ToDownstream));
            Finish(reset: false);
            return;
        }
        FinishAfterFlush();
    }

    /// <summary>
    /// Closing with a reset drops what the kernel has not sent. The peer of a direct connection would still get the bytes that were
    /// on their way before the reset, so the survivor's queue is given time to empty, bounded by the half-close timeout.
    /// </summary>
    private void FinishAfterFlush()
    {
        var survivor = _result.End == SpliceEnd.UpstreamFailed || _result.UpstreamEndedFirst ? Downstream : Upstream;
        var limit = _timeouts.HalfCloseMilliseconds;
        if (survivor.HasFailed || survivor.UnsentBytes == 0 || (limit > 0 && Loop.Now - LastMoved >= limit))
        {
            Finish(reset: true);
            return;
        }
        if (_stage != Stage.Flushing)
        {
            EnterFlushing();
        }
        Loop.Timers.Set(Timer, Loop.Now + FlushPollMilliseconds);
    }

    private void EnterFlushing()
    {
        if (_stage != Stage.OneWay)
        {
            _counters.HalfCloseBegan();
        }
        _stage = Stage.Flushing;
        LastMoved = Loop.Now;
    }

    private void OnTimer()
    {
        if (_stage == Stage.Done)
        {
            return;
        }
        if (_stage == Stage.Flushing)
        {
            FinishAfterFlush();
            return;
        }
        if (Loop.Now - LastMoved < Limit)
        {
            SetTimer();
            return;
        }
        var end = _stage == Stage.OneWay ? SpliceEnd.HalfCloseTimeout : SpliceEnd.IdleTimeout;
        SetResult(new SpliceResult(end, Errno.None, _toDownstream.End == PumpEnd.EndOfStream));
        Finish(reset: true);
    }

    private int Limit => _stage == Stage.OneWay ? _timeouts.HalfCloseMilliseconds : _timeouts.IdleMilliseconds;

    private LoopTimer Timer => _timer ??= new LoopTimer(static splice => ((Splice)splice!).OnTimer(), this);

    /// <summary>Activity only stores a time; the timer looks at it when it fires and sets itself again.</summary>
    private void SetTimer()
    {
        if (Limit > 0)
        {
            Loop.Timers.Set(Timer, LastMoved + Limit);
        }
        else if (_timer is not null)
        {
            Loop.Timers.Clear(_timer);
        }
    }

    /// <summary>The first cause wins; what follows from it is not news.</summary>
    private void SetResult(SpliceResult result)
    {
        if (!_hasResult)
        {
            _hasResult = true;
            _result = result;
        }
    }

    private void Finish(bool reset)
    {
        if (_stage is Stage.OneWay or Stage.Flushing)
        {
            _counters.HalfCloseEnded();
        }
        _stage = Stage.Done;
        if (_timer is not null)
        {
            Loop.Timers.Clear(_timer);
        }
        _toUpstream.Stop(clean: !reset);
        _toDownstream.Stop(clean: !reset);
        Upstream.Close(reset);
        Downstream.Close(reset);
        _toUpstream.Release();
        _toDownstream.Release();
        var continuation = _continuation;
        _continuation = null;
        continuation?.Invoke(_state);
    }

    SpliceResult IValueTaskSource<SpliceResult>.GetResult(short token) => _result;

    ValueTaskSourceStatus IValueTaskSource<SpliceResult>.GetStatus(short token) =>
        _stage == Stage.Done ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    void IValueTaskSource<SpliceResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _continuation = continuation;
        _state = state;
    }

    private enum Stage
    {
        BothWays,
        OneWay,
        Flushing,
        Done,
    }
}
