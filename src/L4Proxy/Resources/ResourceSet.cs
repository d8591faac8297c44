using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources;

/// <summary>All resources in their normal forms, sorted by file and line. Only a set without errors may be put in force.</summary>
/// <param name="Errors">Sorted by file, line, column.</param>
/// <param name="Warnings">Sorted likewise.</param>
internal sealed record ResourceSet(ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings)
{
    public ImmutableArray<PeerAuthentication> PeerAuthentications { get; init; } = [];
    public ImmutableArray<AuthorizationPolicy> AuthorizationPolicies { get; init; } = [];
    public ImmutableArray<Service> Services { get; init; } = [];
    public ImmutableArray<WorkloadEntry> WorkloadEntries { get; init; } = [];
    public ImmutableArray<DestinationRule> DestinationRules { get; init; } = [];
    public ImmutableArray<VirtualService> VirtualServices { get; init; } = [];
    public ImmutableArray<Sidecar> Sidecars { get; init; } = [];

    /// <summary>What routing is made from.</summary>
    public RegistrySource Routing => new(Services, WorkloadEntries, DestinationRules, VirtualServices, Sidecars);
}
