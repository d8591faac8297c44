using L4Proxy.Configuration;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources;

/// <summary>Sidecar: of it only the outbound policy has a meaning here.</summary>
internal static class SidecarReader
{
    public static Sidecar Read(ResourceDocument document)
    {
        var spec = document.Spec;
        var selector = ResourceText.Selector(spec, "workloadSelector", "labels");
        spec.Refuse("egress", "which services a workload sees is not restricted here, every service is visible; remove it");
        spec.Refuse("ingress", "ports of the workload are captured and dialled as they are; remove it");
        spec.Refuse("inboundConnectionPool", "connections to the workload are limited by limits.maxConnections of the configuration; remove it");
        return new Sidecar(document.Origin, selector, spec.Inner("outboundTrafficPolicy", null, Policy));
    }

    public static Sidecar Move(Sidecar sidecar, Origin origin, int lines) => sidecar with { Origin = origin };

    private static OutboundTrafficPolicy? Policy(Section section)
    {
        section.Refuse("egressProxy", "traffic to unknown destinations goes where it was going or nowhere; remove it");
        return section.Choice("mode", OutboundTrafficPolicy.AllowAny, OptionKey.Word);
    }
}
