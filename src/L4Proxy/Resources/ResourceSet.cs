using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
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

    /// <summary>All that is in a file or directory now.</summary>
    public static ResourceSet Read(string path, LocalWorkload workload) =>
        ResourceJudge.Judge(new ResourceLoader(path, workload, TimeProvider.System).Load(readEverything: true), workload);

    public int Count(ResourceKind kind) => kind switch
    {
        ResourceKind.PeerAuthentication => PeerAuthentications.Length,
        ResourceKind.AuthorizationPolicy => AuthorizationPolicies.Length,
        ResourceKind.ServiceEntry => Services.Length,
        ResourceKind.WorkloadEntry => WorkloadEntries.Length,
        ResourceKind.DestinationRule => DestinationRules.Length,
        ResourceKind.VirtualService => VirtualServices.Length,
        _ => Sidecars.Length,
    };

    /// <summary><c>2 AuthorizationPolicy, 1 ServiceEntry</c>, with the number of warnings if there are any.</summary>
    public override string ToString()
    {
        var counts = Enum.GetValues<ResourceKind>().Where(kind => Count(kind) > 0).Select(kind => $"{Count(kind)} {kind}")
            .Concat(Warnings.IsEmpty ? [] : [$"{Warnings.Length} warning(s)"]);
        return string.Join(", ", counts) is { Length: > 0 } text ? text : "none";
    }

    /// <summary>What routing is made from.</summary>
    public RegistrySource Routing => new(Services, WorkloadEntries, DestinationRules, VirtualServices, Sidecars);
}
