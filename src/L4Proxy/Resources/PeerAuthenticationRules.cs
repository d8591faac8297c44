using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>Of two PeerAuthentications with the same reach Istio takes the older. Files have no age, so one of them is one too many.</summary>
internal static class PeerAuthenticationRules
{
    public static void Check(ResourceSet set, LocalWorkload workload, ResourceFindings findings)
    {
        var first = new Dictionary<(ResourceScope, string), PeerAuthentication>();
        foreach (var resource in set.PeerAuthentications)
        {
            var origin = resource.Origin;
            // Mesh and namespace scope of any namespace; of those with a selector only what reaches this workload is ours to judge.
            var scope = resource.Selector.Labels.IsEmpty
                ? origin.Namespace == workload.RootNamespace ? ResourceScope.Mesh : ResourceScope.Namespace
                : resource.Selector.ScopeFor(origin.Namespace, workload);
            if (scope is not { } reach)
            {
                continue;
            }
            if (!first.TryAdd((reach, reach == ResourceScope.Namespace ? origin.Namespace : ""), resource)
                && first[(reach, reach == ResourceScope.Namespace ? origin.Namespace : "")] is { } other)
            {
                findings.Error(origin, "", $"reaches {Reach(reach, origin)} as does {other.Origin}, and neither is the older in files; keep one of them");
            }
        }
    }

    private static string Reach(ResourceScope scope, Origin origin) => scope switch
    {
        ResourceScope.Mesh => "the whole mesh",
        ResourceScope.Namespace => $"the namespace {origin.Namespace}",
        _ => "this workload by its labels",
    };
}
