using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// Finds the object behind an epoll event. The event carries a slot and the slot's generation, because the kernel may hand out an
/// event for a descriptor that an earlier event of the same batch has closed, and whose number a new socket has already taken.
/// </summary>
internal sealed class SocketTable(int epoll)
{
    /// <summary>The tag of the loop's own eventfd: a slot that is never given out.</summary>
    public const ulong WakeTag = ulong.MaxValue;

    private const uint Interest = Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLPRI | Constants.EPOLLET;

    private const int SlotsPerPage = 256;

    // Pages instead of one growing array: nothing is copied, and nothing of the size of all connections is left for the collector.
    private readonly List<Slot[]> _pages = [];
    private readonly Stack<int> _free = new();
    private int _used;

    /// <summary>Sockets registered now.</summary>
    public int Count => _used - _free.Count;

    /// <summary>Registers a descriptor for every kind of edge, once for its life.</summary>
    /// <param name="socket">Who hears of it.</param>
    /// <param name="descriptor">What the kernel watches.</param>
    /// <param name="slot">Give it back with <see cref="Remove"/>.</param>
    public Errno Add(LoopSocket socket, int descriptor, out int slot)
    {
        if (!_free.TryPop(out slot))
        {
            slot = _used++;
            if (slot / SlotsPerPage == _pages.Count)
            {
                _pages.Add(new Slot[SlotsPerPage]);
            }
        }
        ref var entry = ref SlotAt(slot);
        entry.Socket = socket;
        var error = EpollEvents.Add(epoll, descriptor, Interest, ((ulong)entry.Generation << 32) | (uint)slot);
        if (error != Errno.None)
        {
            Remove(slot);
            slot = -1;
        }
        return error;
    }

    /// <summary>Forgets a socket; its descriptor is closed by the caller, which ends the kernel's registration.</summary>
    public void Remove(int slot)
    {
        ref var entry = ref SlotAt(slot);
        entry.Socket = null;
        entry.Generation = (entry.Generation + 1) & 0x7FFF_FFFF;
        _free.Push(slot);
    }

    public LoopSocket? Find(ulong tag)
    {
        var slot = (uint)tag;
        if (slot >= (uint)_used)
        {
            return null;
        }
        ref var entry = ref SlotAt((int)slot);
        return entry.Generation == (uint)(tag >> 32) ? entry.Socket : null;
    }

    public void CloseAll()
    {
        foreach (var entry in _pages.SelectMany(page => page))
        {
            entry.Socket?.OnLoopEnded();
        }
    }

    private ref Slot SlotAt(int slot) => ref _pages[slot / SlotsPerPage][slot % SlotsPerPage];

    private struct Slot
    {
        public LoopSocket? Socket;
        public uint Generation;
    }
}
