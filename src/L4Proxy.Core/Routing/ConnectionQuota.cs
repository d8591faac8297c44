namespace L4Proxy.Core.Routing;

/// <summary>
/// Connections at the same time toward one destination, with a bounded queue of those that wait for their turn, first come first served.
/// The limit is handed in with each call: it may change while connections live. Thread-safe.
/// </summary>
public sealed class ConnectionQuota
{
    private readonly Lock _lock = new();
    private readonly LinkedList<QuotaPlace> _waiting = [];
    private int _active;

    /// <summary>Connections that hold a place now.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Connections that wait for one now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Takes a place if nobody waits for one.</summary>
    /// <param name="limit">Places; 0 is no limit.</param>
    public bool TryEnter(int limit)
    {
        lock (_lock)
        {
            if (limit != 0 && (_active >= limit || _waiting.Count > 0))
            {
                return false;
            }
            _active++;
            return true;
        }
    }

    /// <summary>Takes a place, or a place in the queue.</summary>
    /// <param name="limit">Places; 0 is no limit.</param>
    /// <param name="queue">How many may wait; 0 refuses at once.</param>
    /// <param name="granted">Called once, on whatever thread leaves, if the caller had to wait and its turn has come.</param>
    /// <param name="place">Where the caller waits, for <see cref="GiveUp"/>; null when it need not or may not.</param>
    /// <returns>Whether it has a place now. False with <paramref name="place"/> null is a refusal.</returns>
    public bool TryEnter(int limit, int queue, Action granted, out QuotaPlace? place)
    {
        place = null;
        lock (_lock)
        {
            if (limit == 0 || (_active < limit && _waiting.Count == 0))
            {
                _active++;
                return true;
            }
            if (_waiting.Count < queue)
            {
                place = new QuotaPlace(granted);
                place.Node = _waiting.AddLast(place);
            }
            return false;
        }
    }

    /// <summary>Leaves the queue.</summary>
    /// <returns>False: its turn has come meanwhile, and it holds a place.</returns>
    public bool GiveUp(QuotaPlace place)
    {
        lock (_lock)
        {
            if (place.Node is not { } node)
            {
                return false;
            }
            _waiting.Remove(node);
            place.Node = null;
            return true;
        }
    }

    /// <summary>Gives a place back, to those who wait longest.</summary>
    /// <param name="limit">As it is now: while it is exceeded nobody moves up, and when it was raised more than one may.</param>
    public void Leave(int limit)
    {
        lock (_lock)
        {
            _active--;
        }
        while (Next(limit) is { } next)
        {
            next.Granted();
        }
    }

    private QuotaPlace? Next(int limit)
    {
        lock (_lock)
        {
            if (_waiting.First is not { Value: var next } || (limit != 0 && _active >= limit))
            {
                return null;
            }
            _waiting.RemoveFirst();
            next.Node = null;
            _active++;
            return next;
        }
    }
}

/// <summary>A place in the queue of a <see cref="ConnectionQuota"/>.</summary>
public sealed class QuotaPlace(Action granted)
{
    internal Action Granted { get; } = granted;
    internal LinkedListNode<QuotaPlace>? Node { get; set; }
}
