using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>What services, workloads, destination rules and routes mean together, once all of them are read.</summary>
internal static class TrafficRules
{
    public static void Check(RegistrySource source, ResourceFindings findings)
    {
        ServiceRules.Check(source.Services, findings);
        var services = new ServiceIndex(source.Services);
        var rules = new DestinationRules(source, services, new WorkloadRules(source, findings), findings);
        new RouteRules(services, rules, findings).Check(source.VirtualServices);
    }
}
