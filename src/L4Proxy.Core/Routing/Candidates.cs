namespace L4Proxy.Core.Routing;

/// <summary>
/// The endpoints that may be chosen now, laid out on a line: each has as much of it as it weighs. With nobody ejected and nothing tried a
/// position is found by indexing or bisection; otherwise by walking, which a cluster in trouble can afford.
/// </summary>
internal readonly ref struct Candidates
{
    private readonly ReadOnlySpan<UpstreamEndpoint> _group;
    private readonly ReadOnlySpan<long> _weights;
    private readonly ReadOnlySpan<UpstreamEndpoint> _tried;
    private readonly long _before;
    private readonly long _now;
    private readonly bool _isFiltered;

    private Candidates(EndpointSet set, int start, int end, ReadOnlySpan<UpstreamEndpoint> tried, long now, bool isFiltered)
    {
        _group = set.All.AsSpan(start, end - start);
        _weights = set.Weights is { } weights ? weights.AsSpan(start, end - start) : [];
        _before = start > 0 && !_weights.IsEmpty ? set.Weights![start - 1] : 0;
        _tried = tried;
        (_now, _isFiltered) = (now, isFiltered);
        if (!isFiltered)
        {
            Total = _weights.IsEmpty ? _group.Length : _weights[^1] - _before;
            return;
        }
        foreach (var endpoint in _group)
        {
            Total += Has(endpoint) ? WeightOf(endpoint) : 0;
        }
    }

    /// <summary>Length of the line; 0 when there is none to choose.</summary>
    public long Total { get; }

    public bool AreEqual => _weights.IsEmpty;

    public ReadOnlySpan<UpstreamEndpoint> Group => _group;

    /// <summary>Of the nearest group that has one in good health; if none has, of the nearest with one that was not tried.</summary>
    public static Candidates Of(EndpointSet set, ReadOnlySpan<UpstreamEndpoint> tried, long now, bool areAllWell)
    {
        var isFiltered = !tried.IsEmpty || !areAllWell;
        for (var round = 0; round < 2; round++)
        {
            var start = 0;
            foreach (var end in set.Groups)
            {
                // In the second round a moment when nobody is ejected any more: rather one in bad health than none.
                var candidates = new Candidates(set, start, end, tried, round == 0 ? now : long.MaxValue, isFiltered);
                if (candidates.Total > 0)
                {
                    return candidates;
                }
                start = end;
            }
        }
        return default;
    }

    public bool Has(UpstreamEndpoint endpoint) => !_isFiltered || (endpoint.State.EjectedUntil <= _now && !WasTried(endpoint));

    /// <summary>Somebody who was not tried, well or not: there is one, since <see cref="Total"/> was not 0.</summary>
    public UpstreamEndpoint Spare()
    {
        foreach (var endpoint in _group)
        {
            if (!WasTried(endpoint))
            {
                return endpoint;
            }
        }
        return _group[0];
    }

    public long WeightOf(UpstreamEndpoint endpoint) => _weights.IsEmpty ? 1 : endpoint.Weight;

    /// <param name="position">From 0 to below <see cref="Total"/>.</param>
    /// <param name="start">Where the endpoint's part begins.</param>
    public UpstreamEndpoint At(long position, out long start)
    {
        if (_isFiltered)
        {
            return Walk(position, out start);
        }
        if (_weights.IsEmpty)
        {
            start = position;
            return _group[(int)position];
        }
        var index = _weights.BinarySearch(_before + position);
        // A sum that is met exactly is where the next one begins.
        index = index >= 0 ? index + 1 : ~index;
        start = index == 0 ? 0 : _weights[index - 1] - _before;
        return _group[index];
    }

    private UpstreamEndpoint Walk(long position, out long start)
    {
        start = 0;
        foreach (var endpoint in _group)
        {
            if (Has(endpoint))
            {
                if (position < start + WeightOf(endpoint))
                {
                    return endpoint;
                }
                start += WeightOf(endpoint);
            }
        }
        // Somebody was ejected while we walked.
        start = 0;
        return Spare();
    }

    private bool WasTried(UpstreamEndpoint endpoint)
    {
        foreach (var tried in _tried)
        {
            // By state: an update may have made another object of it meanwhile.
            if (tried.State == endpoint.State)
            {
                return true;
            }
        }
        return false;
    }
}
