using L4Proxy.Core.Resources;
using L4Proxy.Resources.Traffic;

namespace L4Proxy.Resources;

/// <summary>What resources mean together, when each of them is good by itself.</summary>
internal static class ResourceRules
{
    public static void Check(ResourceSet set, LocalWorkload workload, ResourceFindings findings)
    {
        PeerAuthenticationRules.Check(set, workload, findings);
        TrafficRules.Check(set.Routing, findings);
    }
}
