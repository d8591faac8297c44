using System.Collections.Immutable;

namespace L4Proxy.Core.Routing;

/// <summary>All that routing is made from: what files say now, what a control plane will say later.</summary>
public sealed record RegistrySource(
    ImmutableArray<Service> Services, ImmutableArray<WorkloadEntry> Workloads, ImmutableArray<DestinationRule> DestinationRules,
    ImmutableArray<VirtualService> VirtualServices, ImmutableArray<Sidecar> Sidecars)
{
    public static RegistrySource Empty { get; } = new([], [], [], [], []);
}
