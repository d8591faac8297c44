namespace L4Proxy.Core.Routing;

/// <summary>Who is ejected, over all clusters of a registry and of those built from it. Holds an endpoint once, and not for long after it is back.</summary>
internal sealed class EjectionLedger
{
    private readonly Lock _lock = new();
    private readonly List<EndpointState> _ejected = [];
    private int _sweepAt = 64;

    public void Add(EndpointState endpoint, long now)
    {
        lock (_lock)
        {
            if (endpoint.IsInLedger)
            {
                return;
            }
            if (_ejected.Count >= _sweepAt)
            {
                Sweep(now);
                _sweepAt = Math.Max(64, _ejected.Count * 2);
            }
            endpoint.IsInLedger = true;
            _ejected.Add(endpoint);
        }
    }

    public int Count(long now)
    {
        lock (_lock)
        {
            Sweep(now);
            return _ejected.Count;
        }
    }

    private void Sweep(long now) => _ejected.RemoveAll(endpoint =>
    {
        if (endpoint.EjectedUntil > now)
        {
            return false;
        }
        endpoint.IsInLedger = false;
        return true;
    });
}
