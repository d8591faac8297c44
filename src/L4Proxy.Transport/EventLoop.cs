using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// One thread around one epoll. Every socket of a connection is registered here once, edge-triggered, and everything that happens
/// to the connection happens on this thread, so its state needs no locks. Nothing on a loop may block.
/// </summary>
/// <remarks>Other threads reach a loop through <see cref="Post"/> only.</remarks>
public sealed class EventLoop : IDisposable
{
    /// <summary>Events taken per wait: nginx's default (events { worker_connections }) is of the same order.</summary>
    private const int MaxEvents = 512;

    private readonly ConcurrentQueue<Work> _posted = new();
    private readonly Thread _thread;
    private readonly EpollEvents _events = new(MaxEvents);
    private readonly int _epoll;
    private readonly int _wake;
    private List<Work> _deferred = [];
    private List<Work> _running = [];
    private int _sleeping;
    private volatile bool _stopping;

    /// <param name="index">Position among the process's loops; names the thread.</param>
    /// <param name="settings">Limits of the loop's pools and of a turn.</param>
    /// <exception cref="Win32Exception">The kernel gave no epoll or eventfd (descriptors or memory exhausted).</exception>
    public EventLoop(int index, TransportSettings settings)
    {
        Index = index;
        Settings = settings;
        _epoll = ThrowIfFailed(Libc.EpollCreate(Constants.EPOLL_CLOEXEC));
        _wake = ThrowIfFailed(Libc.EventFd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK));
        Sockets = new SocketTable(_epoll);
        // Edge-triggered, the counter never needs to be read: every write is a new edge.
        EpollEvents.Add(_epoll, _wake, Constants.EPOLLIN | Constants.EPOLLET, SocketTable.WakeTag);
        Buffers = new BufferPool(settings.BufferSize);
        Pipes = new PipePool(settings.PipesPerLoop, settings.PipeSize);
        Young = new YoungSplices(this);
        Scratch = GC.AllocateUninitializedArray<byte>(settings.BufferSize, pinned: true);
        ReadClock();
        _thread = new Thread(Run) { Name = $"l4proxy-loop-{index}", IsBackground = true };
    }

    public int Index { get; }
    public TransportSettings Settings { get; }

    /// <summary>Monotonic milliseconds at the start of this turn: one clock read for all connections that had an event.</summary>
    public long Now { get; private set; }

    /// <summary>The same moment in microseconds, for durations that people read.</summary>
    public long NowMicroseconds { get; private set; }

    /// <summary>What this loop did, for the metrics and the watchdog.</summary>
    public LoopCounters Counters { get; } = new();

    /// <summary>Whether the caller is on this loop's thread.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    /// <summary>Kernel pipes on loan to directions that are moving bytes now.</summary>
    public int PipesInUse => Pipes.Rented;

    /// <summary>Times a stream was copied for want of a pipe.</summary>
    public long PipeMisses => Pipes.Misses;

    internal SocketTable Sockets { get; }
    public TimerWheel Timers { get; } = new(Monotonic.Milliseconds);

    /// <summary>
    /// 64 KiB shared by all connections of the loop: filled and sent, or looked at, within one turn, so an idle connection owns no buffer.
    /// Never across an await that waits.
    /// </summary>
    public byte[] Scratch { get; }
    internal BufferPool Buffers { get; }
    internal PipePool Pipes { get; }
    internal YoungSplices Young { get; }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Runs <paramref name="action"/> on the loop's thread, after what was posted before. Safe from any thread.</summary>
    public void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue(new Work(action, state));
        // The loop sets the flag, then looks at the queue once more before it waits: one of the two sees the other.
        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            Wake();
        }
    }

    /// <summary>Awaited from any thread, goes on on the loop's.</summary>
    public LoopSwitch SwitchToAsync() => new(this);

    /// <summary>Goes on at the end of this turn, when everybody else has had theirs. Only on the loop's own thread.</summary>
    internal LoopYield YieldAsync() => new(this);

    /// <summary>Runs <paramref name="action"/> at the end of this turn. Only on the loop's own thread.</summary>
    internal void Defer(Action<object?> action, object? state) => _deferred.Add(new Work(action, state));

    /// <summary>Asks the thread to end and waits for it. Sockets that are still registered are closed with a reset.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }
        _stopping = true;
        if (_thread.IsAlive && !IsCurrent)
        {
            Wake();
            _thread.Join();
        }
        Sockets.CloseAll();
        Pipes.Dispose();
        _events.Dispose();
        Native.Sockets.Close(_wake);
        Native.Sockets.Close(_epoll);
    }

    private void Run()
    {
        while (!_stopping)
        {
            var count = Wait();
            ReadClock();
            Counters.TurnStarted(Now);
            for (var i = 0; i < count; i++)
            {
                Sockets.Find(_events.Data(i))?.OnEvents(_events.Mask(i));
            }
            RunPosted();
            Timers.Advance(Now);
            RunDeferred();
            Counters.TurnEnded(Monotonic.Milliseconds);
        }
    }

    private void ReadClock()
    {
        NowMicroseconds = Monotonic.Microseconds;
        Now = NowMicroseconds / 1000;
    }

    private unsafe int Wait()
    {
        var timeout = _deferred.Count > 0 ? 0 : Timers.MillisecondsUntilNext(Now);
        if (timeout != 0)
        {
            Interlocked.Exchange(ref _sleeping, 1);
            if (!_posted.IsEmpty || _stopping)
            {
                timeout = 0;
            }
        }
        var count = Libc.EpollWait(_epoll, _events.Pointer, MaxEvents, timeout);
        Volatile.Write(ref _sleeping, 0);
        // EINTR (a debugger, a signal meant for another thread) is an empty turn.
        return Math.Max(count, 0);
    }

    private void RunPosted()
    {
        // Only what was there when we began: work that posts more work must not keep the sockets waiting.
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var work); left--)
        {
            work.Action(work.State);
        }
    }

    private void RunDeferred()
    {
        if (_deferred.Count == 0)
        {
            return;
        }
        (_running, _deferred) = (_deferred, _running);
        foreach (var work in _running)
        {
            work.Action(work.State);
        }
        _running.Clear();
    }

    private unsafe void Wake()
    {
        var one = 1UL;
        _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    private static int ThrowIfFailed(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private readonly record struct Work(Action<object?> Action, object? State);
}
