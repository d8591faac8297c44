using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>Which Sidecar resource speaks for a workload.</summary>
internal static class SidecarRules
{
    /// <summary>The narrowest that says something; of two equally narrow the first by name.</summary>
    public static Sidecar? OutboundPolicy(ImmutableArray<Sidecar> sidecars, LocalWorkload workload) => sidecars
        .Where(sidecar => sidecar.Policy is not null && sidecar.Selector.ScopeFor(sidecar.Origin.Namespace, workload) is not null)
        .OrderByDescending(sidecar => sidecar.Selector.ScopeFor(sidecar.Origin.Namespace, workload))
        .ThenByDescending(sidecar => sidecar.Origin.Namespace == workload.Namespace)
        .ThenBy(sidecar => sidecar.Origin.Name, StringComparer.Ordinal)
        .FirstOrDefault();
}
