// Over the usual size on purpose: a socket's readiness, its failure and its life are one state machine, read in one place.
using System.Net;
using System.Threading.Tasks.Sources;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// One socket of a connection. Reads and writes are tried first and waited for second: <c>Try…</c> is one system call that never
/// blocks, <c>…Async</c> waits for the kernel's next edge and resumes inline on the loop.
/// </summary>
/// <remarks>
/// Everything here runs on the leg's loop. At most one wait for reading and one for writing at a time. Errors stick: once the
/// kernel has reported one, every later call returns it, and an end of stream after it is not mistaken for a FIN.
/// </remarks>
public sealed class Leg : LoopSocket, IValueTaskSource
{
    private const short ReadToken = 0;
    private const short WriteToken = 1;

    /// <summary>Holds a waiter's place between the await and the moment it says how to go on.</summary>
    private static readonly Action<object?> _expected = static _ => { };

    private readonly int _descriptor;
    private int _slot = -1;
    private Waiter _reader;
    private Waiter _writer;
    private Errno _error;
    private bool _readable = true;
    private bool _writable = true;
    private bool _hold;
    private bool _peerEnded;
    private bool _urgent;
    private bool _aborted;
    private bool _entered;
    private bool _closed;
    private bool _hasKeepAlive;

    internal Leg(EventLoop loop, int descriptor)
    {
        Loop = loop;
        _descriptor = descriptor;
    }

    /// <summary>A leg that is about to connect: nothing can have arrived, so the first read waits for the kernel's word.</summary>
    internal static Leg Dialed(EventLoop loop, int descriptor) => new(loop, descriptor) { _readable = false };

    public EventLoop Loop { get; }

    /// <summary>The first error the kernel reported for this leg, or the reason of <see cref="Abort"/>.</summary>
    public Errno Error => _error;

    public bool HasFailed => _error != Errno.None;

    /// <summary>The peer has sent FIN: what is there now is all there will be.</summary>
    public bool PeerHasEnded => _peerEnded;

    /// <summary>The other leg of the connection: it is woken when this one fails, so that a reset crosses the proxy without a byte.</summary>
    internal Leg? Partner { get; set; }

    /// <summary>The descriptor, for the calls of the splicer. Never kept.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>Our own end of the connection, asked from the kernel; null when the socket is dead.</summary>
    public IPEndPoint? LocalEndPoint => _closed ? null : Sockets.LocalEndPoint(_descriptor);

    /// <summary>Where the connection was going before netfilter redirected it; null with the error when that is unknown.</summary>
    /// <remarks>On a connection that was not redirected conntrack answers with our own address: check for loops.</remarks>
    public IPEndPoint? OriginalDestination(bool ipv4, out Errno error) => Sockets.OriginalDestination(_descriptor, ipv4, out error);

    /// <summary>Bytes accepted by the kernel and not sent yet.</summary>
    public int UnsentBytes => _closed ? 0 : Sockets.UnsentBytes(_descriptor);

    /// <summary>Registers the socket with its loop; the second time it does nothing. Until then the leg hears of nothing.</summary>
    internal void Enter()
    {
        if (_entered)
        {
            return;
        }
        _entered = true;
        if (!_closed && Loop.Sockets.Add(this, _descriptor, out _slot) is not Errno.None and var error)
        {
            Fail(error);
        }
    }

    /// <summary>Takes bytes that have arrived.</summary>
    public IoResult TryReceive(Span<byte> buffer)
    {
        if (!_readable)
        {
            return IoResult.Wait;
        }
        if (_aborted)
        {
            return IoResult.Failed(_error);
        }
        return AfterRead(_closed ? -(int)Errno.EBADF : Sockets.Receive(_descriptor, buffer, 0), buffer.Length);
    }

    /// <summary>Whether a read would find at least one byte.</summary>
    internal bool HasBytesToRead
    {
        get
        {
            Span<byte> one = stackalloc byte[1];
            return _readable && TryPeek(one).Bytes > 0;
        }
    }

    /// <summary>Whether a read would find bytes, an end or an error. If not, it is remembered, and waiting waits for the next edge.</summary>
    internal bool HasSomethingToRead()
    {
        if (!_readable || HasFailed)
        {
            return HasFailed;
        }
        Span<byte> one = stackalloc byte[1];
        _readable = !TryPeek(one).WouldBlock;
        return _readable;
    }

    /// <summary>Looks at bytes that have arrived without taking them. Looking again before the next edge sees the same bytes.</summary>
    public IoResult TryPeek(Span<byte> buffer)
    {
        if (HasFailed)
        {
            return IoResult.Failed(_error);
        }
        var result = IoResult.Of(Sockets.Receive(_descriptor, buffer, Constants.MSG_PEEK));
        if (result.Error is not Errno.None and var error)
        {
            // The kernel reports an error once and then an end: whoever meets it first keeps it, or a reset becomes a FIN.
            Fail(error);
        }
        return result;
    }

    /// <summary>Gives bytes to the kernel; fewer than offered when its buffer is full.</summary>
    /// <param name="buffer">What to send.</param>
    /// <param name="moreFollows">Another send follows at once; the kernel waits for it with a packet that is not full.</param>
    public IoResult TrySend(ReadOnlySpan<byte> buffer, bool moreFollows = false)
    {
        if (_error != Errno.None)
        {
            return IoResult.Failed(_error);
        }
        if (!_writable)
        {
            return IoResult.Wait;
        }
        return AfterWrite(_closed ? -(int)Errno.EBADF : Sockets.Send(_descriptor, buffer, moreFollows ? Constants.MSG_MORE : 0), buffer.Length);
    }

    /// <summary>Moves arrived bytes into a pipe. EINVAL says that <see cref="TryReceive"/> knows more.</summary>
    internal IoResult TryFill(KernelPipe pipe)
    {
        if (!_readable)
        {
            return IoResult.Wait;
        }
        if (_aborted || _closed)
        {
            return IoResult.Failed(_error);
        }
        var result = pipe.FillFrom(_descriptor);
        // EINVAL is splice's "not with this kind of socket": the leg is well and can be read in the ordinary way. So it can where
        // splice(2) stops in front of an urgent byte: it says EAGAIN there for ever, or 0 when a FIN is queued behind it. Its 0 is
        // therefore never taken for the end of the stream: recv(2), which skips the byte, has the last word.
        if (result is 0 or -(int)Errno.EINVAL || (result == -(int)Errno.EAGAIN && _urgent))
        {
            return IoResult.Failed(Errno.EINVAL);
        }
        // A short fill says nothing about the socket: splice stops at the pipe's slots, not only at the end of the data.
        return AfterRead(result, 0);
    }

    /// <summary>Moves a pipe's bytes to the kernel's send buffer.</summary>
    internal IoResult TryDrain(KernelPipe pipe)
    {
        if (_error != Errno.None)
        {
            return IoResult.Failed(_error);
        }
        if (!_writable)
        {
            return IoResult.Wait;
        }
        return AfterWrite(pipe.DrainTo(_descriptor), 0);
    }

    /// <summary>Completes when a read is worth trying: new bytes, an end, or a failure. May complete without any of them.</summary>
    public ValueTask ReadableAsync() => _readable || HasFailed ? default : ArmAsync(ref _reader, ReadToken);

    /// <summary>Completes when a write is worth trying.</summary>
    public ValueTask WritableAsync() => _writable || HasFailed ? default : ArmAsync(ref _writer, WriteToken);

    /// <summary>Completes when a connect in progress has succeeded or failed.</summary>
    internal ValueTask ConnectedAsync()
    {
        _writable = false;
        return WritableAsync();
    }

    /// <summary>
    /// Completes at the next edge for reading, whatever is there now: for a look that needs more than it saw. Completes at once when
    /// the peer has ended, because then nothing more can come.
    /// </summary>
    public ValueTask MoreToReadAsync()
    {
        if (_peerEnded)
        {
            return default;
        }
        _readable = false;
        return ReadableAsync();
    }

    /// <summary>As <see cref="MoreToReadAsync()"/>, and at the deadline as well: then look once more before deciding.</summary>
    /// <param name="deadline">In milliseconds of <see cref="EventLoop.Now"/>.</param>
    public async ValueTask MoreToReadAsync(long deadline)
    {
        var timer = new LoopTimer(static leg => ((Leg)leg!).WakeReader(), this);
        Loop.Timers.Set(timer, deadline);
        await MoreToReadAsync();
        Loop.Timers.Clear(timer);
    }

    /// <summary>The callback twin of <see cref="ReadableAsync"/> for the pump, which keeps no task per connection.</summary>
    internal void WhenReadable(Action<object?> continuation, object state) =>
        Wait(ref _reader, _readable || HasFailed, continuation, state);

    /// <summary>The callback twin of <see cref="WritableAsync"/>.</summary>
    internal void WhenWritable(Action<object?> continuation, object state) =>
        Wait(ref _writer, _writable || HasFailed, continuation, state);

    /// <summary>Goes on on the leg's loop: awaited first by the code that Kestrel starts on a pool thread.</summary>
    public ValueTask EnterLoopAsync()
    {
        if (_entered)
        {
            return Loop.IsCurrent ? default : SwitchToLoopAsync();
        }
        // The leg is not registered yet, so nothing on the loop can touch the reader's place before the post below.
        return ArmAsync(ref _reader, ReadToken);
    }

    /// <summary>From now on the kernel notices when the peer is gone, as <see cref="TransportSettings"/> says.</summary>
    internal void KeepAlive()
    {
        if (!_closed && !_hasKeepAlive)
        {
            Transport.KeepAlive.Set(_descriptor, Loop.Settings, default);
        }
    }

    /// <summary>The same with times of its own, which the call above then leaves alone.</summary>
    internal void KeepAlive(KeepAliveTimes times)
    {
        _hasKeepAlive = true;
        Transport.KeepAlive.Set(_descriptor, Loop.Settings, times);
    }

    /// <summary>Sends FIN after everything given before. Reading goes on.</summary>
    public void ShutdownWrite()
    {
        if (!_closed && !HasFailed)
        {
            Sockets.ShutdownWrite(_descriptor);
        }
    }

    /// <summary>Makes every pending and later operation fail with <paramref name="reason"/>. The socket stays open until <see cref="Close"/>.</summary>
    public void Abort(Errno reason)
    {
        if (!_closed && !HasFailed)
        {
            // Unlike after an error of the kernel's, bytes that have arrived are not worth reading: there might be no end of them.
            _aborted = true;
            Fail(reason);
        }
    }

    /// <summary>Runs whoever waits to read, so that it looks at the state of its connection again.</summary>
    internal void WakeReader()
    {
        if (_reader.IsArmed)
        {
            Loop.Defer(static leg => Complete(ref ((Leg)leg!)._reader), this);
        }
    }

    internal void WakeWriter()
    {
        if (_writer.IsArmed)
        {
            Loop.Defer(static leg => Complete(ref ((Leg)leg!)._writer), this);
        }
    }

    /// <summary>Closes the socket, once. Waits still pending are completed and fail.</summary>
    /// <param name="reset">RST and drop what is queued, instead of FIN after it.</param>
    public void Close(bool reset)
    {
        if (_closed)
        {
            return;
        }
        _closed = true;
        if (_slot >= 0)
        {
            Loop.Sockets.Remove(_slot);
        }
        if (reset)
        {
            Sockets.ResetOnClose(_descriptor);
        }
        Sockets.Close(_descriptor);
        if (_error == Errno.None)
        {
            _error = Errno.EBADF;
        }
        // Whoever was waiting tries again and must be told that it failed: no edge will ever come.
        _readable = _writable = true;
        Partner = null;
        WakeReader();
        WakeWriter();
    }

    internal override void OnEvents(uint events)
    {
        // After FIN, an error or urgent data a short read no longer proves that the socket is drained (see AfterRead).
        if ((events & (Constants.EPOLLRDHUP | Constants.EPOLLHUP | Constants.EPOLLERR | Constants.EPOLLPRI)) != 0)
        {
            _hold = true;
        }
        _urgent |= (events & Constants.EPOLLPRI) != 0;
        _peerEnded |= (events & (Constants.EPOLLRDHUP | Constants.EPOLLHUP)) != 0;
        if ((events & Constants.EPOLLERR) != 0 && Sockets.TakeError(_descriptor) is not Errno.None and var error)
        {
            Fail(error);
            return;
        }
        const uint Readable = Constants.EPOLLIN | Constants.EPOLLRDHUP | Constants.EPOLLHUP | Constants.EPOLLPRI;
        if ((events & Readable) != 0)
        {
            _readable = true;
            Complete(ref _reader);
        }
        if ((events & (Constants.EPOLLOUT | Constants.EPOLLHUP)) != 0 && !_closed)
        {
            _writable = true;
            Complete(ref _writer);
        }
    }

    internal override void OnLoopEnded()
    {
        Sockets.ResetOnClose(_descriptor);
        Sockets.Close(_descriptor);
        _closed = true;
    }

    private IoResult AfterRead(int result, int wanted)
    {
        if (result > 0)
        {
            // A short read drained the socket: the next bytes bring a new edge, and asking for EAGAIN would cost a call.
            // Not so if a FIN's edge has been seen already, or urgent data splits the stream: then read on to the end.
            if (result < wanted && !_hold)
            {
                _readable = false;
            }
            return IoResult.Of(result);
        }
        if (result == 0)
        {
            // The kernel reports an error once and then an end; whoever took the error left it in _error.
            return _error == Errno.None ? IoResult.Of(0) : IoResult.Failed(_error);
        }
        switch ((Errno)(-result))
        {
            case Errno.EAGAIN:
                _readable = false;
                return _error == Errno.None ? IoResult.Wait : IoResult.Failed(_error);
            default:
                Fail((Errno)(-result));
                return IoResult.Failed(_error);
        }
    }

    private IoResult AfterWrite(int result, int wanted)
    {
        if (result >= 0)
        {
            if (result < wanted)
            {
                _writable = false;
            }
            return IoResult.Of(result);
        }
        switch ((Errno)(-result))
        {
            case Errno.EAGAIN:
                _writable = false;
                return IoResult.Wait;
            default:
                Fail((Errno)(-result));
                return IoResult.Failed(_error);
        }
    }

    /// <summary>Keeps the first error and wakes everyone who must hear of it, at the end of the turn: callers are mid-operation.</summary>
    private void Fail(Errno error)
    {
        if (_error == Errno.None)
        {
            _error = error;
        }
        if (!_entered)
        {
            return;
        }
        _readable = _writable = true;
        WakeReader();
        WakeWriter();
        Partner?.WakeReader();
        if (Partner is { Connecting: true } dialing)
        {
            dialing.WakeWriter();
        }
    }

    /// <summary>A dial is waiting on this leg; it gives up when its partner fails.</summary>
    internal bool Connecting { get; set; }

    private void Wait(ref Waiter waiter, bool ready, Action<object?> continuation, object state)
    {
        if (ready)
        {
            Loop.Defer(continuation, state);
            return;
        }
        waiter.Continuation = continuation;
        waiter.State = state;
    }

    private ValueTask ArmAsync(ref Waiter waiter, short token)
    {
        waiter.Continuation = _expected;
        return new ValueTask(this, token);
    }

    private static void Complete(ref Waiter waiter)
    {
        var continuation = waiter.Continuation;
        var state = waiter.State;
        waiter.Continuation = null;
        waiter.State = null;
        continuation?.Invoke(state);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) =>
        (token == ReadToken ? _reader.IsArmed : _writer.IsArmed) ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        ref var waiter = ref (token == ReadToken ? ref _reader : ref _writer);
        waiter.Continuation = continuation;
        waiter.State = state;
        if (!_entered)
        {
            Loop.Post(static state => ((Leg)state!).CompleteEntry(), this);
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Nothing to give: the awaiter looks at the leg itself.
    }

    private async ValueTask SwitchToLoopAsync() => await Loop.SwitchToAsync();

    private void CompleteEntry()
    {
        Enter();
        Complete(ref _reader);
    }

    private struct Waiter
    {
        public Action<object?>? Continuation;
        public object? State;
        public readonly bool IsArmed => Continuation is not null;
    }
}
