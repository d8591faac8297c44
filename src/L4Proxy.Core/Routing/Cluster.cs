using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>The endpoints of one service port (and subset) with one policy, and what is known about each of them. Thread-safe.</summary>
public sealed class Cluster
{
    private static readonly EndpointSet _nothing = new([], []);

    private readonly PortNode? _port;
    private readonly Subset? _subset;
    private readonly SecurityOfEndpoints? _security;
    private readonly ClusterState _state;

    /// <summary>Names its endpoints come from, in the order of <see cref="EndpointSet.Seen"/>.</summary>
    private readonly ImmutableArray<ResolvedAddress> _names = [];
    private EndpointSet _set = _nothing;

    /// <summary>One without endpoints: what a route leads to that names no service.</summary>
    public Cluster() => _state = new ClusterState(new EjectionLedger());

    internal Cluster(PortNode port, Subset? subset)
    {
        (_port, _subset) = (port, subset);
        var service = port.Service;
        Name = port.ClusterName(Subset);
        Policy = MergedPolicy.Of(service.Rule, subset, port.Port.Number);
        _state = port.States.Of(Subset, service.Context.Ejections);
        _security = new SecurityOfEndpoints(port, Subset, Policy.Tls);
        _names = [.. service.DnsNames.Select(service.Context.Names.Of)];
        _set = Made();
    }

    /// <summary><c>web.demo.svc.cluster.local:80</c>, with <c>/v2</c> for a subset.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the rules say; every field absent there is absent here.</summary>
    public TrafficPolicy Policy { get; init; } = TrafficPolicy.None;

    /// <summary>Connections that count against its limit now; the caller counts them through its quota.</summary>
    public ConnectionQuota Quota => _state.Quota;

    /// <summary>Endpoints it has now, ejected ones included, nearest first.</summary>
    public ReadOnlySpan<UpstreamEndpoint> Endpoints => Current().All;

    /// <summary>How many these are.</summary>
    public int EndpointCount => Current().All.Length;

    internal string Subset => _subset?.Name ?? "";

    internal PortNode? Port => _port;

    internal bool IsPassthrough => _port?.IsPassthrough(Policy) == true;

    /// <summary>Chooses where to dial.</summary>
    /// <param name="source">For source hash.</param>
    /// <param name="tried">Endpoints that have failed for this connection already; they are not chosen again.</param>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    /// <returns>Null: there is none, or none that was not tried.</returns>
    public UpstreamEndpoint? Choose(IPAddress source, ReadOnlySpan<UpstreamEndpoint> tried, long now)
    {
        var candidates = Routing.Candidates.Of(Current(), tried, now, areAllWell: now >= _state.LastReturn);
        return Balancing.Choose((Policy.LoadBalancing ?? LoadBalancing.Default).Algorithm, candidates, source, _state);
    }

    /// <summary>Those of whom one would be chosen now.</summary>
    internal List<UpstreamEndpoint> Candidates(long now)
    {
        var candidates = Routing.Candidates.Of(Current(), [], now, areAllWell: false);
        var found = new List<UpstreamEndpoint>();
        foreach (var endpoint in candidates.Group)
        {
            if (candidates.Has(endpoint))
            {
                found.Add(endpoint);
            }
        }
        return found;
    }

    internal UpstreamEndpoint? Find(in AddressKey address) => Current().Find(address);

    /// <summary>The endpoint at an address that is dialled because the connection was going there.</summary>
    /// <returns>Null: it is not a known one, and nothing here says how to secure a leg to it.</returns>
    internal UpstreamEndpoint? At(IPEndPoint destination, in AddressKey key)
    {
        if (Find(key) is { } known)
        {
            return known;
        }
        var security = _security?.Of(null) ?? UpstreamSecurity.Plaintext;
        return Policy.Tls is null && security.Kind == UpstreamSecurityKind.Plaintext
            ? null
            : new UpstreamEndpoint { Address = destination, Security = security, Key = key };
    }

    private EndpointSet Current()
    {
        var set = Volatile.Read(ref _set);
        for (var index = 0; index < _names.Length; index++)
        {
            if (_names[index].Addresses != set.Seen[index])
            {
                return Renewed();
            }
        }
        return set;
    }

    private EndpointSet Renewed()
    {
        var set = Made();
        Volatile.Write(ref _set, set);
        return set;
    }

    private EndpointSet Made()
    {
        // That of the state: for a moment after an update two versions of a cluster may both be in use, and both be renewed.
        lock (_state.Renewal)
        {
            return MadeAlone();
        }
    }

    private EndpointSet MadeAlone()
    {
        var seen = _names.Select(name => name.Addresses).ToArray();
        var known = _state.Members.ToDictionary(member => member.Key, member => member.State);
        var balancing = Policy.LoadBalancing ?? LoadBalancing.Default;
        var made = new Dictionary<AddressKey, UpstreamEndpoint>();
        foreach (var (written, address) in Addresses(seen))
        {
            var endPoint = new IPEndPoint(address, _port!.PortOf(written));
            var key = AddressKey.Of(endPoint);
            made.TryAdd(key, new UpstreamEndpoint
            {
                Address = endPoint,
                Security = _security!.Of(written),
                Weight = Math.Max(1, written.Weight),
                Locality = written.Locality,
                State = known.GetValueOrDefault(key) ?? new EndpointState(),
                Siblings = _state,
                Key = key,
                Proximity = Proximities.Of(_port.Service.Context.Locality, written.Locality, balancing),
            });
        }
        var set = new EndpointSet(made.Values, seen);
        _state.Replace(set.All, Policy.OutlierDetection ?? OutlierDetection.Default);
        return set;
    }

    /// <summary>Endpoints of the subset, one per address.</summary>
    private IEnumerable<(Endpoint Written, IPAddress Address)> Addresses(IPAddress[][] seen)
    {
        var service = _port!.Service;
        var names = service.DnsNames.ToList();
        var endpoints = service.Endpoints;
        if (names.Count == 1 && !endpoints.Any())
        {
            endpoints = [new Endpoint(service.Service.Origin.Line, names[0])];
        }
        foreach (var endpoint in endpoints)
        {
            if (_subset is not null && !new Resources.WorkloadSelector(_subset.Labels).Selects(endpoint.Labels))
            {
                continue;
            }
            if (endpoint.Ip is { } ip)
            {
                yield return (endpoint, ip);
                continue;
            }
            var index = names.FindIndex(name => name.Equals(endpoint.Address, StringComparison.OrdinalIgnoreCase));
            foreach (var address in index < 0 ? [] : seen[index])
            {
                yield return (endpoint, address);
            }
        }
    }
}
