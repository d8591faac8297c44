namespace L4Proxy.Core.Routing;

/// <summary>What coming and going services do to the indexes.</summary>
internal sealed class ServiceIndexChange
{
    private readonly IndexChange<HostKey, ServiceNode> _hosts = new();
    private readonly IndexChange<AddressKey, PortNode> _addresses = new();
    private readonly IndexChange<AddressKey, PortNode> _endpoints = new();
    private readonly IndexChange<HostKey, PortNode> _serverNames = new();
    private readonly IndexChange<HostKey, ServiceNode> _dnsNames = new();
    private readonly IndexChange<LabelKey, ServiceNode> _selectors = new();
    private readonly Dictionary<int, int> _serverNamePorts = [];

    /// <summary>Names that are needed by fewer than before.</summary>
    public IEnumerable<string> DnsNamesRemoved => _dnsNames.Removed.Select(entry => entry.Key.Text);

    public void Note(bool isAdded, ServiceNode node)
    {
        _hosts.Note(isAdded, new(node.HostText, 0), node);
        foreach (var name in node.DnsNames)
        {
            _dnsNames.Note(isAdded, new(name, 0), node);
        }
        if (node.Service.Selector is not null && node.IsFirst)
        {
            _selectors.Note(isAdded, LabelKey.Of(node.Service), node);
        }
        foreach (var port in node.Ports)
        {
            Note(isAdded, node, port);
        }
    }

    public RegistryIndexes Apply(RegistryIndexes before)
    {
        var ports = before.ServerNamePorts.ToBuilder();
        foreach (var (port, difference) in _serverNamePorts)
        {
            var count = ports.GetValueOrDefault(port) + difference;
            if (count == 0)
            {
                ports.Remove(port);
            }
            else
            {
                ports[port] = count;
            }
        }
        return before with
        {
            Hosts = before.Hosts.With(_hosts),
            Addresses = before.Addresses.With(_addresses),
            Endpoints = before.Endpoints.With(_endpoints),
            ServerNames = before.ServerNames.With(_serverNames),
            ServerNamePorts = ports.ToImmutable(),
            DnsNames = before.DnsNames.With(_dnsNames),
            Selectors = before.Selectors.With(_selectors.Removed, _selectors.Added),
        };
    }

    private void Note(bool isAdded, ServiceNode node, PortNode port)
    {
        var number = port.Port.Number;
        if (node.Service.Addresses.IsEmpty && port.Port.IsTls)
        {
            _serverNames.Note(isAdded, new(node.HostText, number), port);
            _serverNamePorts[number] = _serverNamePorts.GetValueOrDefault(number) + (isAdded ? 1 : -1);
        }
        if (!node.IsFirst)
        {
            return;
        }
        if (node.Service.Addresses.IsEmpty && !port.Port.IsTls)
        {
            _addresses.Note(isAdded, AddressKey.Any(number), port);
        }
        foreach (var network in node.Service.Addresses)
        {
            _addresses.Note(isAdded, AddressKey.Of(network, number), port);
        }
        foreach (var endpoint in node.Endpoints)
        {
            if (endpoint.Ip is { } ip)
            {
                _endpoints.Note(isAdded, AddressKey.Of(ip, port.PortOf(endpoint)), port);
            }
        }
    }
}
