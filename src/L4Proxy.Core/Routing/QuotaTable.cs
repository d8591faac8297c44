namespace L4Proxy.Core.Routing;

/// <summary>Quotas by key, for keys that nobody configured: each exists while somebody holds a place of it or waits for one. Thread-safe.</summary>
public sealed class QuotaTable<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Shared> _quotas = [];

    /// <summary>Keys in use now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _quotas.Count;
            }
        }
    }

    /// <summary>The quota of a key, to be given back with <see cref="Return"/> by everybody who asked, whether he got a place or not.</summary>
    public ConnectionQuota Borrow(TKey key)
    {
        lock (_lock)
        {
            if (!_quotas.TryGetValue(key, out var shared))
            {
                _quotas.Add(key, shared = new Shared());
            }
            shared.Borrowers++;
            return shared.Quota;
        }
    }

    public void Return(TKey key)
    {
        lock (_lock)
        {
            if (_quotas.TryGetValue(key, out var shared) && --shared.Borrowers == 0)
            {
                _quotas.Remove(key);
            }
        }
    }

    private sealed class Shared
    {
        public ConnectionQuota Quota { get; } = new();
        public int Borrowers { get; set; }
    }
}
