using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace L4Proxy.Load.Wire;

/// <summary>
/// One level-triggered epoll loop on the thread that calls <see cref="Run"/>. Generator and server live on the same loop: they share
/// one core anyway, and one thread leaves the scheduler nothing to decide between them.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int Batch = 256;
    private const uint ErrorOrHangUp = 0x8 | 0x10;

    // epoll_event is packed on x64 only (12 bytes, data at 4); elsewhere it is 16 bytes with data at 8.
    private static readonly int s_itemSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly int _epoll = Sockets.Checked(Libc.EpollCreate(Constants.CloseOnExec), "epoll_create1");
    private readonly byte[] _items = GC.AllocateArray<byte>(Batch * 16, pinned: true);
    private IReadiness?[] _handlers = new IReadiness?[1024];

    /// <summary>Called when <see cref="WakeAt"/> has passed; set by open-loop workloads.</summary>
    internal Action? OnWake { get; set; }

    /// <summary>Stopwatch ticks at which the loop must wake even without events; <see cref="long.MaxValue"/> for never.</summary>
    internal long WakeAt { get; set; } = long.MaxValue;

    internal void Add(int descriptor, IReadiness handler, uint events)
    {
        if (descriptor >= _handlers.Length)
        {
            Array.Resize(ref _handlers, Math.Max(descriptor + 1, _handlers.Length * 2));
        }
        _handlers[descriptor] = handler;
        Control(1, descriptor, events);
    }

    internal void Change(int descriptor, uint events) => Control(3, descriptor, events);

    /// <summary>Closes the descriptor; the kernel takes it out of the epoll set by itself.</summary>
    internal void Close(int descriptor)
    {
        _handlers[descriptor] = null;
        _ = Libc.Close(descriptor);
    }

    /// <summary>Runs until <paramref name="done"/>; throws <see cref="LoadException"/> when that takes longer than <paramref name="limit"/>.</summary>
    internal void Run(Func<bool> done, TimeSpan limit, string what)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        while (!done())
        {
            var now = Stopwatch.GetTimestamp();
            if (now > deadline)
            {
                throw new LoadException($"{what} did not finish within {limit.TotalSeconds:0} s");
            }
            Turn(Math.Min(WakeAt, deadline + 1) - now);
            if (WakeAt <= Stopwatch.GetTimestamp())
            {
                OnWake?.Invoke();
            }
        }
    }

    public void Dispose() => _ = Libc.Close(_epoll);

    private void Turn(long waitTicks)
    {
        var nanoseconds = Math.Max(0, (long)(waitTicks * (1e9 / Stopwatch.Frequency)));
        var timeout = new Libc.Timespec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        var items = (byte*)Unsafe.AsPointer(ref _items[0]); // the array is pinned
        var count = Libc.EpollWait(_epoll, items, Batch, &timeout, null);
        if (count < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Constants.Interrupted)
            {
                throw LoadException.Because("epoll_pwait2", error);
            }
        }
        for (var i = 0; i < count; i++)
        {
            var item = items + (i * s_itemSize);
            var events = *(uint*)item;
            if ((events & ErrorOrHangUp) != 0)
            {
                events |= Constants.Readable | Constants.Writable;
            }
            _handlers[*(int*)(item + s_dataOffset)]?.Ready(events);
        }
    }

    private void Control(int operation, int descriptor, uint events)
    {
        var item = stackalloc byte[16];
        *(uint*)item = events;
        *(long*)(item + s_dataOffset) = descriptor;
        _ = Sockets.Checked(Libc.EpollControl(_epoll, operation, descriptor, item), "epoll_ctl");
    }
}
