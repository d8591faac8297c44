using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources;

/// <summary>From resources to what is in force.</summary>
internal static class MeshModels
{
    /// <summary>The workload that configuration says we stand beside.</summary>
    public static LocalWorkload WorkloadOf(ProxyOptions options) => new(
        options.Workload.Namespace, options.Workload.Labels, options.Mesh.RootNamespace,
        [options.Workload.TrustDomain, .. options.Identity.TrustDomainAliases]);

    /// <param name="set">Without errors.</param>
    /// <param name="before">What is in force: what did not change keeps its state. Null at first.</param>
    public static MeshModel Build(ResourceSet set, ProxyOptions options, MeshModel? before)
    {
        var workload = WorkloadOf(options);
        return new MeshModel(
            (before?.Generation ?? 0) + 1,
            PolicySet.Compile(set.AuthorizationPolicies, workload),
            MtlsModes.Compile(set.PeerAuthentications, workload),
            Registry.Build(set.Routing, workload, Locality.Parse(options.Workload.Locality), before?.Registry));
    }
}
