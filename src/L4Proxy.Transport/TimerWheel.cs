using System.Numerics;

namespace L4Proxy.Transport;

/// <summary>
/// Deadlines of one loop: 256 slots of 64 ms, so a turn of the wheel is 16 s and a later deadline simply goes round. Setting,
/// moving and clearing a timer are a few pointer writes; a loop without timers sleeps without a timeout.
/// </summary>
/// <remarks>A timer fires at most one slot (64 ms) late and never early.</remarks>
public sealed class TimerWheel(long now)
{
    private const int SlotBits = 6;
    private const int Slots = 256;

    private readonly LoopTimer?[] _slots = new LoopTimer?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _tick = now >> SlotBits;

    public int Count { get; private set; }

    /// <summary>Sets or moves a timer to <paramref name="due"/> (monotonic milliseconds).</summary>
    public void Set(LoopTimer timer, long due)
    {
        Clear(timer);
        timer.Due = due;
        // Rounded up, and never in the slot that is being run: not early, and no endless turn.
        var tick = Math.Max((due + (1 << SlotBits) - 1) >> SlotBits, _tick + 1);
        var slot = (int)(tick % Slots);
        timer.Slot = slot;
        timer.Next = _slots[slot];
        timer.Previous = null;
        if (timer.Next is { } next)
        {
            next.Previous = timer;
        }
        _slots[slot] = timer;
        _occupied[slot / 64] |= 1UL << (slot % 64);
        Count++;
    }

    public void Clear(LoopTimer timer)
    {
        if (timer.Slot < 0)
        {
            return;
        }
        if (timer.Previous is { } previous)
        {
            previous.Next = timer.Next;
        }
        else if ((_slots[timer.Slot] = timer.Next) is null)
        {
            _occupied[timer.Slot / 64] &= ~(1UL << (timer.Slot % 64));
        }
        if (timer.Next is { } next)
        {
            next.Previous = timer.Previous;
        }
        timer.Slot = -1;
        timer.Next = timer.Previous = null;
        Count--;
    }

    /// <summary>Runs what is due. A timer may set itself, or any other, again from its callback.</summary>
    public void Advance(long now)
    {
        var target = now >> SlotBits;
        if (Count == 0)
        {
            _tick = target;
            return;
        }
        // After a long sleep one full round visits every slot; more would only repeat it.
        if (target - _tick > Slots)
        {
            _tick = target - Slots;
        }
        while (_tick < target)
        {
            _tick++;
            RunSlot((int)(_tick % Slots), now);
        }
    }

    /// <returns>Milliseconds until the next slot that holds a timer; -1 (epoll's "no timeout") if there is none.</returns>
    public int MillisecondsUntilNext(long now)
    {
        if (Count == 0)
        {
            return -1;
        }
        var start = (int)((_tick + 1) % Slots);
        var distance = DistanceToOccupied(start);
        var due = (_tick + 1 + distance) << SlotBits;
        return (int)Math.Clamp(due - now, 1, Slots << SlotBits);
    }

    private void RunSlot(int slot, long now)
    {
        var timer = _slots[slot];
        while (timer is not null)
        {
            if (timer.Due <= now)
            {
                Clear(timer);
                timer.Fire();
                // The callback may have changed the slot's list in any way: begin again at its head.
                timer = _slots[slot];
                continue;
            }
            timer = timer.Next;
        }
    }

    private int DistanceToOccupied(int start)
    {
        for (var step = 0; step <= _occupied.Length; step++)
        {
            var word = ((start / 64) + step) % _occupied.Length;
            var bits = _occupied[word];
            if (step == 0)
            {
                bits &= ulong.MaxValue << (start % 64);
            }
            if (bits != 0)
            {
                var slot = (word * 64) + BitOperations.TrailingZeroCount(bits);
                return (slot - start + Slots) % Slots;
            }
        }
        return 0;
    }
}

/// <summary>One deadline, owned by whoever made it and reused as often as it likes.</summary>
public sealed class LoopTimer(Action<object?> callback, object? state)
{
    internal LoopTimer? Next;
    internal LoopTimer? Previous;
    internal int Slot = -1;

    /// <summary>Monotonic milliseconds.</summary>
    public long Due { get; internal set; }
    public bool IsSet => Slot >= 0;

    internal void Fire() => callback(state);
}
