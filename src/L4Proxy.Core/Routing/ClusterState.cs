namespace L4Proxy.Core.Routing;

/// <summary>
/// What the endpoints of a cluster share and what survives updates of it: quota, the turn of round robin, and who may be ejected. A lock of
/// its own, taken when something fails or is well again, never to choose.
/// </summary>
internal sealed class ClusterState(EjectionLedger ledger)
{
    private readonly Lock _lock = new();
    private UpstreamEndpoint[] _members = [];
    private OutlierDetection _outliers = OutlierDetection.Default;
    private long _lastReturn = EndpointState.Never;
    private uint _turn;

    public ConnectionQuota Quota { get; } = new();

    /// <summary>Held while a set of endpoints is made from the one before.</summary>
    public Lock Renewal { get; } = new();

    /// <summary>When the last of the ejected is back: from then on nobody need look at each.</summary>
    public long LastReturn => Volatile.Read(ref _lastReturn);

    /// <summary>The endpoints there are now.</summary>
    public UpstreamEndpoint[] Members => Volatile.Read(ref _members);

    /// <summary>From 0, one more with every call, from whatever thread.</summary>
    public uint NextTurn() => Interlocked.Increment(ref _turn) - 1;

    /// <summary>The set has changed. Of those ejected as many come back early as it takes to keep half of it in use.</summary>
    public void Replace(UpstreamEndpoint[] members, OutlierDetection outliers)
    {
        lock (_lock)
        {
            var gone = _members.Select(member => member.State).Except(members.Select(member => member.State));
            foreach (var state in gone)
            {
                state.EjectedUntil = EndpointState.Never;
            }
            Volatile.Write(ref _members, members);
            _outliers = outliers;
            var ejected = members.Select(member => member.State).Where(state => state.EjectedUntil > EndpointState.Never);
            foreach (var state in ejected.OrderByDescending(state => state.EjectedUntil).Skip(MostEjected(members.Length, outliers)))
            {
                state.EjectedUntil = EndpointState.Never;
            }
        }
    }

    /// <summary>See <see cref="UpstreamEndpoint.Failed"/>.</summary>
    public bool Failed(EndpointState endpoint, long now)
    {
        lock (_lock)
        {
            if (_outliers.ConsecutiveFailures == 0 || endpoint.EjectedUntil > now)
            {
                return false;
            }
            var isInRow = now - endpoint.LastFailure <= (long)_outliers.Interval.TotalMilliseconds;
            endpoint.Failures = isInRow ? endpoint.Failures + 1 : 1;
            endpoint.LastFailure = now;
            if (endpoint.Failures < _outliers.ConsecutiveFailures || !MayEject(endpoint, now))
            {
                return false;
            }
            endpoint.Failures = 0;
            endpoint.Ejections++;
            endpoint.EjectedUntil = now + Rest(endpoint.Ejections);
            Volatile.Write(ref _lastReturn, Math.Max(_lastReturn, endpoint.EjectedUntil));
        }
        ledger.Add(endpoint, now);
        return true;
    }

    /// <summary>See <see cref="UpstreamEndpoint.Succeeded"/>.</summary>
    public void Succeeded(EndpointState endpoint)
    {
        if (endpoint is { Failures: 0, Ejections: 0 })
        {
            return;
        }
        lock (_lock)
        {
            (endpoint.Failures, endpoint.Ejections) = (0, 0);
            endpoint.EjectedUntil = EndpointState.Never;
        }
    }

    /// <summary>At least one of two or more, or a small cluster could never be helped; never more than half, or the rest drown.</summary>
    private static int MostEjected(int members, OutlierDetection outliers) =>
        members < 2 || outliers.MaxEjectionPercent <= 0
            ? 0
            : (int)Math.Max(1, (long)members * Math.Min(outliers.MaxEjectionPercent, 50) / 100);

    private bool MayEject(EndpointState endpoint, long now)
    {
        var (ejected, isMember) = (0, false);
        foreach (var member in _members)
        {
            isMember |= member.State == endpoint;
            ejected += member.State.EjectedUntil > now ? 1 : 0;
        }
        return isMember && ejected < MostEjected(_members.Length, _outliers);
    }

    private long Rest(int times)
    {
        var longest = Math.Max(_outliers.BaseEjection.TotalMilliseconds, _outliers.MaxEjection.TotalMilliseconds);
        return (long)Math.Min(_outliers.BaseEjection.TotalMilliseconds * times, longest);
    }
}
