namespace L4Proxy.Core.Routing;

/// <summary>
/// A service under one of its hosts, with what other resources add to it: endpoints and a rule. Replaced when one of these changes. Small,
/// because most services of a mesh are never called by this workload.
/// </summary>
internal sealed class ServiceNode : IPreceding<ServiceNode>
{
    public ServiceNode(RoutingContext context, Service service, string host, Endpoint[] selected, DestinationRule? rule)
    {
        (Context, Service, Host, Selected, Rule) = (context, service, host, selected, rule);
        HostHash = HostKey.HashOf(HostText, 0);
        Ports = new PortNode[service.Ports.Length];
        for (var index = 0; index < Ports.Length; index++)
        {
            Ports[index] = new PortNode(this, service.Ports[index]);
        }
    }

    public RoutingContext Context { get; }
    public Service Service { get; }
    public string Host { get; }
    public int HostHash { get; }

    /// <summary>Of the workload entries.</summary>
    public Endpoint[] Selected { get; }
    public DestinationRule? Rule { get; }
    public PortNode[] Ports { get; }

    /// <summary>As indexes keep it.</summary>
    public string HostText => HostKey.TextOf(Host);

    /// <summary>A service has one node per host; the first stands for it wherever a connection does not say by which name it came.</summary>
    public bool IsFirst => ReferenceEquals(Host, Service.Hosts[0]);

    /// <summary>Names that DNS must answer for its endpoints to be known: Istio takes the host where no endpoint is written.</summary>
    public IEnumerable<string> DnsNames =>
        Service.Resolution != Resolution.Dns ? []
        : Service.Endpoints.IsEmpty && Selected.Length == 0 ? Host.StartsWith('*') ? [] : [Host]
        : Service.Endpoints.Concat(Selected).Where(endpoint => endpoint.Ip is null).Select(endpoint => endpoint.Address).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every endpoint that is written somewhere.</summary>
    public IEnumerable<Endpoint> Endpoints =>
        Service.Resolution == Resolution.None ? [] : Selected.Length == 0 ? Service.Endpoints : Service.Endpoints.Concat(Selected);

    /// <param name="text">A name as indexes keep it.</param>
    public bool IsCalled(ReadOnlySpan<char> text)
    {
        foreach (var host in Service.Hosts)
        {
            var own = host.StartsWith('*') ? host.AsSpan(1) : host;
            if (own.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    public PortNode? Port(int number)
    {
        foreach (var port in Ports)
        {
            if (port.Port.Number == number)
            {
                return port;
            }
        }
        return null;
    }

    public bool Precedes(ServiceNode other)
    {
        var byOrigin = Context.Compare(Service.Origin, other.Service.Origin);
        return byOrigin != 0 ? byOrigin < 0 : string.CompareOrdinal(Host, other.Host) < 0;
    }
}
