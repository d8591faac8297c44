using System.Collections.Immutable;

namespace L4Proxy.Core.Routing;

/// <summary>A label entries are looked for by, in one namespace. Empty label: all of them.</summary>
internal readonly record struct LabelKey(string Namespace, string Label, string Value)
{
    /// <summary>What entries that a selector wants all have: its first label.</summary>
    public static LabelKey Of(Service service) =>
        service.Selector!.Labels.IsEmpty ? new(service.Origin.Namespace, "", "") : Of(service.Origin.Namespace, service.Selector.Labels.First());

    /// <summary>All by which an entry could be wanted.</summary>
    public static IEnumerable<LabelKey> Of(WorkloadEntry entry) =>
        entry.Endpoint.Labels.Select(label => Of(entry.Origin.Namespace, label)).Append(new(entry.Origin.Namespace, "", ""));

    private static LabelKey Of(string name, KeyValuePair<string, string> label) => new(name, label.Key, label.Value);
}

/// <summary>What a registry looks things up in. Immutable; versions share what they have in common.</summary>
internal sealed record RegistryIndexes
{
    public static RegistryIndexes Empty { get; } = new();

    /// <summary>Services by host; a service with several hosts is there under each.</summary>
    public HostIndex<ServiceNode> Hosts { get; init; } = HostIndex<ServiceNode>.Empty;

    /// <summary>Service ports by the addresses they are called by, those that any address calls included.</summary>
    public AddressIndex<PortNode> Addresses { get; init; } = AddressIndex<PortNode>.Empty;

    /// <summary>Service ports by the addresses of their endpoints, those only DNS knows left out.</summary>
    public AddressIndex<PortNode> Endpoints { get; init; } = AddressIndex<PortNode>.Empty;

    /// <summary>Ports of services without addresses that are told apart by SNI, by host and port.</summary>
    public HostIndex<PortNode> ServerNames { get; init; } = HostIndex<PortNode>.Empty;

    /// <summary>How many there are of each port in <see cref="ServerNames"/>.</summary>
    public ImmutableDictionary<int, int> ServerNamePorts { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>Services by a name that DNS must answer for them.</summary>
    public HostIndex<ServiceNode> DnsNames { get; init; } = HostIndex<ServiceNode>.Empty;

    /// <summary>Services that want workload entries.</summary>
    public PersistentIndex<LabelKey, ServiceNode> Selectors { get; init; } = PersistentIndex<LabelKey, ServiceNode>.Empty;

    public HostIndex<DestinationRuleNode> Rules { get; init; } = HostIndex<DestinationRuleNode>.Empty;

    /// <summary>Virtual services by the names of services.</summary>
    public HostIndex<VirtualServiceNode> Routes { get; init; } = HostIndex<VirtualServiceNode>.Empty;

    /// <summary>Virtual services whose host is an address or a network; port 0.</summary>
    public AddressIndex<VirtualServiceNode> AddressRoutes { get; init; } = AddressIndex<VirtualServiceNode>.Empty;
}
