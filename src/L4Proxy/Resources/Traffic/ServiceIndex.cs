using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>Services by the names that rules and routes call them by.</summary>
internal sealed class ServiceIndex
{
    private readonly Dictionary<string, List<Service>> _byHost = new(StringComparer.Ordinal);

    /// <summary>Services whose host begins with a star, by what follows it (<c>.example.com</c>).</summary>
    private readonly Dictionary<string, List<Service>> _bySuffix = new(StringComparer.Ordinal);

    public ServiceIndex(IEnumerable<Service> services)
    {
        foreach (var service in services)
        {
            foreach (var host in service.Hosts)
            {
                Add(host[0] == '*' ? _bySuffix : _byHost, host[0] == '*' ? host[1..] : host, service);
            }
        }
    }

    /// <summary>Services that have a name, or that a name with a star covers.</summary>
    public IEnumerable<Service> Named(string host) => host switch
    {
        ['*', .. var suffix] => Below(suffix).Distinct(),
        _ => Exactly(host),
    };

    private List<Service> Exactly(string host)
    {
        if (_byHost.TryGetValue(host, out var exact))
        {
            return exact;
        }
        for (var dot = host.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            if (_bySuffix.TryGetValue(host[dot..], out var below))
            {
                return below;
            }
        }
        return [];
    }

    private IEnumerable<Service> Below(string suffix) =>
        from entry in _byHost.Concat(_bySuffix)
        where entry.Key.EndsWith(suffix, StringComparison.Ordinal)
        from service in entry.Value
        select service;

    private static void Add(Dictionary<string, List<Service>> index, string key, Service service)
    {
        if (!index.TryGetValue(key, out var services))
        {
            index.Add(key, services = new List<Service>(1));
        }
        services.Add(service);
    }
}
