using System.Collections.Immutable;
using System.Globalization;

namespace L4Proxy.Core.Routing;

/// <summary>A port of a service under one of its hosts. Its clusters are made when a connection first needs them.</summary>
internal sealed class PortNode(ServiceNode service, ServicePort port) : IPreceding<PortNode>
{
    private Cluster? _whole;
    private ImmutableArray<Cluster> _subsets = [];

    public ServiceNode Service { get; } = service;
    public ServicePort Port { get; } = port;

    /// <summary>That of the node it replaces, or new. Set while nobody knows this node yet.</summary>
    public ClusterStates States { get; set; } = new();

    /// <summary>Connections go where they were going, whatever its endpoints.</summary>
    /// <remarks>Of a cluster: a balancer may say so too, and a subset or port may say otherwise.</remarks>
    public bool IsPassthrough(TrafficPolicy policy) =>
        Service.Service.Resolution == Resolution.None || policy.LoadBalancing?.Algorithm == LoadBalancer.Passthrough;

    /// <returns>Null: the rule defines no such subset.</returns>
    public Cluster? Cluster(string subset)
    {
        if (subset.Length == 0)
        {
            return Volatile.Read(ref _whole) ?? Add(subset: null);
        }
        foreach (var known in _subsets)
        {
            if (known.Subset == subset)
            {
                return known;
            }
        }
        foreach (var defined in Service.Rule?.Subsets ?? [])
        {
            if (defined.Name == subset)
            {
                return Add(defined);
            }
        }
        return null;
    }

    /// <summary>Where an endpoint listens for this port.</summary>
    public int PortOf(Endpoint endpoint) => endpoint.Ports.TryGetValue(Port.Name, out var own) ? own : Port.TargetPort ?? Port.Number;

    public string ClusterName(string subset) => Name(Service.Host, Port.Number, subset);

    public static string Name(string host, int port, string subset) =>
        string.Create(CultureInfo.InvariantCulture, $"{host}:{port}{(subset.Length > 0 ? "/" : "")}{subset}");

    public bool Precedes(PortNode other) =>
        ReferenceEquals(Service, other.Service) ? Port.Number < other.Port.Number : Service.Precedes(other.Service);

    private Cluster Add(Subset? subset)
    {
        // The states outlive this node and are known to its successor: two threads that both need a cluster end up with one state.
        lock (States)
        {
            if (subset is null)
            {
                var whole = _whole ?? new Cluster(this, subset);
                Volatile.Write(ref _whole, whole);
                return whole;
            }
            if (_subsets.FirstOrDefault(known => known.Subset == subset.Name) is { } known)
            {
                return known;
            }
            var added = new Cluster(this, subset);
            ImmutableInterlocked.Update(ref _subsets, subsets => subsets.Add(added));
            return added;
        }
    }
}
