using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>A route of a virtual service, made ready: what does not depend on the connection has been answered.</summary>
internal sealed class RouteNode
{
    private readonly CompiledMatch[] _matches;

    /// <summary>Sums of weights up to and with each destination.</summary>
    private readonly long[] _weights;
    private uint _turn;

    private RouteNode(Origin origin, RouteRule rule, CompiledMatch[] matches)
    {
        (Written, _matches) = (rule, matches);
        By = origin.At(rule.Line);
        Targets = [.. rule.Destinations.Select(destination => new RouteTarget(destination))];
        _weights = new long[Targets.Length];
        var sum = 0L;
        for (var index = 0; index < Targets.Length; index++)
        {
            _weights[index] = sum += rule.Destinations[index].Weight;
        }
    }

    public RouteRule Written { get; }

    /// <summary>The route, for records.</summary>
    public Origin By { get; }
    public RouteTarget[] Targets { get; }

    /// <returns>Null: no connection of this workload can match it.</returns>
    public static RouteNode? Compile(Origin origin, RouteRule rule, LocalWorkload workload)
    {
        var matches = rule.Matches.Where(match => IsForUs(match, workload)).Select(match => new CompiledMatch(match)).ToArray();
        return matches.Length == 0 && !rule.Matches.IsEmpty ? null : new RouteNode(origin, rule, matches);
    }

    public static bool IsForUs(RouteMatch match, LocalWorkload workload) =>
        (match.SourceNamespace.Length == 0 || match.SourceNamespace == workload.Namespace)
        && new WorkloadSelector(match.SourceLabels).Selects(workload.Labels);

    public bool Matches(in AddressKey destination, string? serverName)
    {
        foreach (var match in _matches)
        {
            if (match.Matches(destination, serverName))
            {
                return true;
            }
        }
        return _matches.Length == 0;
    }

    /// <summary>Whether a server name could make it match a connection to this port.</summary>
    public bool CouldMatch(int port)
    {
        foreach (var match in _matches)
        {
            if (match.IsForPort(port))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Chooses by weight.</summary>
    /// <param name="isForReal">Else the next one is told and remains the next.</param>
    public RouteTarget Next(bool isForReal)
    {
        if (Targets.Length == 1)
        {
            return Targets[0];
        }
        var turn = isForReal ? Interlocked.Increment(ref _turn) - 1 : Volatile.Read(ref _turn);
        var position = LowDiscrepancy.Position(turn, _weights[^1]);
        var index = 0;
        while (position >= _weights[index])
        {
            index++;
        }
        return Targets[index];
    }
}

/// <summary>A destination of a route.</summary>
internal sealed class RouteTarget(RouteDestination written)
{
    private Cluster? _missing;

    public RouteDestination Written { get; } = written;
    public string HostText { get; } = HostKey.TextOf(written.Host);

    /// <summary>What connections get while there is no such service, port or subset: no endpoints, under the name they should have had.</summary>
    public Cluster Missing(int port)
    {
        var name = PortNode.Name(Written.Host, Written.Port ?? port, Written.Subset);
        var known = Volatile.Read(ref _missing);
        if (known?.Name != name)
        {
            Volatile.Write(ref _missing, known = new Cluster { Name = name });
        }
        return known;
    }
}

/// <summary>What of a match depends on the connection.</summary>
internal sealed class CompiledMatch(RouteMatch match)
{
    private readonly AddressKey[] _subnets = [.. match.DestinationSubnets.Select(subnet => AddressKey.Of(subnet, 0))];
    private readonly int? _port = match.Port;
    private readonly ImmutableArray<Policy.TextPattern> _serverNames = match.ServerNames;

    public bool IsForPort(int port) => _port is null || _port == port;

    public bool Matches(in AddressKey destination, string? serverName)
    {
        if (!IsForPort(destination.Port) || !(_subnets.Length == 0 || Covers(destination)))
        {
            return false;
        }
        if (_serverNames.IsEmpty)
        {
            return true;
        }
        foreach (var pattern in _serverNames)
        {
            if (serverName is not null && pattern.Matches(serverName))
            {
                return true;
            }
        }
        return false;
    }

    private bool Covers(in AddressKey destination)
    {
        foreach (var subnet in _subnets)
        {
            if (subnet.Covers(destination))
            {
                return true;
            }
        }
        return false;
    }
}
