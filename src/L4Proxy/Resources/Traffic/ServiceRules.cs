using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>What services may not have in common: a connection must be told which of them it is for.</summary>
internal static class ServiceRules
{
    /// <summary>
    /// Many services may share an address and a TLS port, told apart by name; each is compared with the first of them only, or ten
    /// thousand would cost their square, in errors too.
    /// </summary>
    private const int MaxCompared = 16;

    public static void Check(IReadOnlyCollection<Service> services, ResourceFindings findings)
    {
        var byHost = new Dictionary<(string Namespace, string Host, int Port), Service>(services.Count);
        var byAddress = new Dictionary<(IPNetwork Address, int Port), ImmutableArray<Service>>(services.Count);
        var byPort = new Dictionary<int, Service>();
        foreach (var service in services)
        {
            foreach (var port in service.Ports)
            {
                foreach (var host in service.Hosts)
                {
                    SameHost(service, host, port, byHost, findings);
                }
                foreach (var address in service.Addresses)
                {
                    SameAddress(service, address, port, byAddress, findings);
                }
                if (service.Addresses.IsEmpty && !port.IsTls)
                {
                    NoAddress(service, port, byPort, findings);
                }
            }
        }
    }

    private static void SameHost(
        Service service, string host, ServicePort port, Dictionary<(string, string, int), Service> seen, ResourceFindings findings)
    {
        var key = (service.Origin.Namespace, host, port.Number);
        if (!seen.TryAdd(key, service))
        {
            findings.ErrorBoth(seen[key].Origin, service.Origin, "spec.hosts",
                first => $"port {port.Number} of '{host}' is described by {first} as well; keep one of them, or give them different ports");
        }
    }

    private static void SameAddress(
        Service service, IPNetwork address, ServicePort port, Dictionary<(IPNetwork, int), ImmutableArray<Service>> seen, ResourceFindings findings)
    {
        // Nearly always nobody else is there, which must not cost a list for each.
        if (seen.TryAdd((address, port.Number), [service]))
        {
            return;
        }
        var others = seen[(address, port.Number)];
        foreach (var other in others)
        {
            if (MeetSomewhere(service, other) && !(port.IsTls && IsTls(other, port.Number)) && !SharesHost(service, other))
            {
                findings.ErrorBoth(other.Origin, service.Origin, "spec.addresses",
                    first => $"port {port.Number} of {address} is that of {first} as well, and nothing tells one from the other; "
                        + "give them different addresses or ports");
            }
        }
        if (others.Length < MaxCompared)
        {
            seen[(address, port.Number)] = others.Add(service);
        }
    }

    private static void NoAddress(Service service, ServicePort port, Dictionary<int, Service> seen, ResourceFindings findings)
    {
        if (!seen.TryAdd(port.Number, service) && MeetSomewhere(seen[port.Number], service))
        {
            findings.Warn(service.Origin, "spec.addresses",
                $"is missing, as it is in {seen[port.Number].Origin}: nothing but the port tells connections to port {port.Number} apart; "
                + "add the addresses it is called by");
        }
    }

    /// <summary>Services with one host in several namespaces are one service told in parts; only within a namespace that is refused.</summary>
    private static bool SharesHost(Service one, Service other) => one.Hosts.Any(other.Hosts.Contains);

    private static bool IsTls(Service service, int port) => service.Ports.First(candidate => candidate.Number == port).IsTls;

    /// <summary>Whether there can be a workload that sees both.</summary>
    private static bool MeetSomewhere(Service one, Service other) =>
        IsForAll(one) || IsForAll(other) || one.ExportTo.Any(other.ExportTo.Contains);

    private static bool IsForAll(Service service) => service.ExportTo.IsEmpty || service.ExportTo.Any(name => name == "*");
}
