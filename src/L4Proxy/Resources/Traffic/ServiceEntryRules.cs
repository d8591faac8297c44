using System.Net.Sockets;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>What the fields of one ServiceEntry mean together.</summary>
internal static class ServiceEntryRules
{
    public static void Check(Service service, Section spec)
    {
        if (!service.Endpoints.IsEmpty && service.Selector is not null)
        {
            spec.Fail("workloadSelector", "cannot stand beside endpoints; keep one of them");
        }
        Resolved(service, spec);
        Hosts(service, spec);
        if (service.Addresses.IsEmpty && service.Ports.FirstOrDefault(port => !port.IsTls) is { } open)
        {
            spec.Warn("addresses", $"is missing, so every connection to port {open.Number} that no other service's address covers is one to "
                + "this service; add the addresses it is called by");
        }
    }

    private static void Resolved(Service service, Section spec)
    {
        switch (service.Resolution)
        {
            case Resolution.None when !service.Endpoints.IsEmpty:
                spec.Fail("endpoints", "cannot be dialled with resolution NONE, where connections go where they were going; "
                    + "write resolution: STATIC (addresses) or DNS (names), or remove them");
                break;
            case Resolution.None when service.Selector is not null:
                spec.Warn("workloadSelector", "has no effect with resolution NONE; write resolution: STATIC, or remove it");
                break;
            case Resolution.Static when service.Endpoints.IsEmpty && service.Selector is null:
                spec.Fail("resolution", "STATIC needs endpoints; add endpoints or a workloadSelector, or write DNS or NONE");
                break;
            case Resolution.Dns when service.Addresses.Any(address =>
                address.PrefixLength < (address.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)):
                spec.Fail("addresses", "cannot hold a network with resolution DNS; write single addresses, or resolution: NONE or STATIC");
                break;
            case Resolution.Dns when service.Endpoints.IsEmpty && service.Selector is null
                && service.Hosts.Any(host => host.StartsWith('*')):
                spec.Fail("hosts", "a name with a star cannot be looked up; add endpoints, or write whole names, or resolution: NONE");
                break;
        }
    }

    private static void Hosts(Service service, Section spec)
    {
        if (service.Hosts.Distinct(StringComparer.Ordinal).Count() < service.Hosts.Length)
        {
            spec.Fail("hosts", "has a name twice; write each once");
        }
        // Istio tells HTTP hosts apart by their header; nothing but a ClientHello tells names apart here.
        if (service.Hosts.Length > 1 && service.Resolution != Resolution.None && service.Ports.FirstOrDefault(port => !port.IsTls) is { } open)
        {
            spec.Warn("hosts", $"connections to port {open.Number} do not say which of these names they are for, so all names share the "
                + "same endpoints there; write a ServiceEntry for each");
        }
    }
}
