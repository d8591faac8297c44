using System.Collections.Immutable;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Resources;

namespace L4Proxy.Tests.Admin;

/// <summary>Models made by hand, for what does not depend on how they are written.</summary>
internal static class Policies
{
    private static readonly LocalWorkload _workload = new(
        "demo", ImmutableSortedDictionary<string, string>.Empty, "istio-system", ["cluster.local"]);

    /// <summary>One policy of one rule about one principal.</summary>
    public static MeshModel One(PolicyAction action, string principal) => new(4, PolicySet.Compile([Policy(action, principal)], _workload), MtlsModes.Empty, Registry.Empty);

    private static AuthorizationPolicy Policy(PolicyAction action, string principal) => new(
        new Origin(ResourceKind.AuthorizationPolicy, "demo", "shop", "policies.yaml", 3), action, WorkloadSelector.Everything,
        [new PolicyRule(0, 8, [new PolicyClause([new PolicyMatch { Line = 9, Principals = [TextPattern.Parse(principal)] }])])]);
}
