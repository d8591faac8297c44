namespace L4Proxy.Core.Routing;

/// <summary>
/// From a destination to a decision: (1) the service that covers it, (2) its virtual services, (3) their tls routes, then their tcp routes,
/// then the service itself. Allocates nothing where the destination is not dialled as it is.
/// </summary>
internal sealed class RouteFinder(RegistryIndexes indexes)
{
    public bool NeedsServerName(in AddressKey destination)
    {
        var found = ByAddress(destination);
        if (found.Covering == Covering.Endpoint)
        {
            return false;
        }
        if (found.Port is null && indexes.ServerNamePorts.ContainsKey(destination.Port))
        {
            return true;
        }
        if (found.Port is not null && IsSharedByTls(found))
        {
            return true;
        }
        found = found.Port is null ? ByPort(destination) : found;
        return CouldMatch(VirtualServicesOf(found, destination, out var level), level, destination.Port);
    }

    /// <param name="request">What is known about the connection.</param>
    /// <param name="trace">Told every step; null for real connections.</param>
    public RouteDecision Route(in RouteRequest request, RouteTrace? trace)
    {
        // (1) Whose is it?
        var destination = AddressKey.Of(request.Destination);
        var serverName = Lower(request.ServerName);
        var found = Find(destination, serverName);
        trace?.Found(found);
        if (found.Covering == Covering.Endpoint)
        {
            var direct = found.Port!.Cluster("")!;
            return new(RouteKind.OriginalDestination, direct, direct.At(request.Destination, destination), found.Port.Service.Service.Origin);
        }

        // (2) Does anybody send it elsewhere?
        var first = VirtualServicesOf(found, destination, out var level);
        for (var node = trace is null ? null : first; node is not null; node = Next(level, node))
        {
            trace!.Considers(node);
        }

        // (3) The first route that matches.
        var route = serverName is null ? null : FirstTls(first, level, destination, serverName, trace);
        route ??= FirstTcp(first, level, destination, trace);
        if (route is not null)
        {
            var target = route.Next(isForReal: trace is null);
            var cluster = Resolve(target, destination.Port);
            trace?.Chosen(route, target);
            return Decide(cluster, route.By, request, destination);
        }
        return found.Port is { } port ? Decide(port.Cluster("")!, port.Service.Service.Origin, request, destination) : default;
    }

    /// <summary>Names compare without case (RFC 6066 §3), and hardly anybody writes them in capitals.</summary>
    private static string? Lower(string? name)
    {
        foreach (var letter in name.AsSpan())
        {
            if (char.IsAsciiLetterUpper(letter))
            {
                return name!.ToLowerInvariant();
            }
        }
        return name;
    }

    private static RouteDecision Decide(Cluster cluster, Resources.Origin by, in RouteRequest request, in AddressKey destination) =>
        cluster.IsPassthrough
            ? new(RouteKind.OriginalDestination, cluster, cluster.At(request.Destination, destination), by)
            : new(RouteKind.Cluster, cluster, null, by);

    private FoundService Find(in AddressKey destination, string? serverName)
    {
        var found = ByAddress(destination);
        if (found.Port is not null)
        {
            return serverName is not null && found.Covering != Covering.Endpoint ? Named(found, serverName) : found;
        }
        if (serverName is not null && indexes.ServerNamePorts.ContainsKey(destination.Port))
        {
            var hash = HostKey.HashOf(serverName, destination.Port);
            if (indexes.ServerNames.Covering(serverName, destination.Port, hash, out _) is { } port)
            {
                return new(port, Covering.ServerName, destination);
            }
        }
        return ByPort(destination);
    }

    /// <summary>A service's own address before an endpoint's, as Istio has it, and an endpoint before a network it lies in.</summary>
    private FoundService ByAddress(in AddressKey destination)
    {
        if (indexes.Addresses.First(destination) is { } exact)
        {
            return new(exact, Covering.Address, destination);
        }
        if (indexes.Endpoints.First(destination) is { } direct)
        {
            return new(direct, Covering.Endpoint, destination);
        }
        return indexes.Addresses.Around(destination, out var network) is { } around ? new(around, Covering.Network, network) : default;
    }

    private FoundService ByPort(in AddressKey destination)
    {
        var any = AddressKey.Any(destination.Port);
        return indexes.Addresses.First(any) is { } port ? new(port, Covering.AnyAddress, any) : default;
    }

    /// <summary>Of several services that share an address and a port the one that is called by this name.</summary>
    private FoundService Named(in FoundService found, string serverName)
    {
        if (indexes.Addresses.First(found.Key, found.Port) is null)
        {
            return found;
        }
        for (var text = serverName.AsSpan(); ; text = HostKey.Wider(text))
        {
            for (var port = found.Port; port is not null; port = indexes.Addresses.First(found.Key, port))
            {
                if (port.Port.IsTls && port.Service.IsCalled(text))
                {
                    return found with { Port = port };
                }
            }
            if (text.IsEmpty)
            {
                return found;
            }
        }
    }

    private bool IsSharedByTls(in FoundService found)
    {
        var (count, isTls) = (0, false);
        for (var port = found.Port; port is not null; port = indexes.Addresses.First(found.Key, port))
        {
            count++;
            isTls |= port.Port.IsTls;
        }
        return isTls && count > 1;
    }

    /// <summary>The first virtual service of the most specific name, or of the longest network around the destination.</summary>
    /// <param name="found">Its hosts are asked for first.</param>
    /// <param name="destination">Asked for where no name is.</param>
    /// <param name="level">That name; nothing for a network.</param>
    private VirtualServiceNode? VirtualServicesOf(in FoundService found, in AddressKey destination, out RouteLevel level)
    {
        level = default;
        if (found.Port is { } port && indexes.Routes.Count > 0)
        {
            var node = port.Service;
            if (indexes.Routes.Covering(node.HostText, 0, node.HostHash, out var text) is { } own)
            {
                level = new(text, default);
                return own;
            }
            // Who comes by address means all names of the service.
            var others = found.Covering == Covering.ServerName ? [] : node.Service.Hosts.AsSpan()[1..];
            foreach (var host in others)
            {
                var other = HostKey.TextOf(host);
                if (indexes.Routes.Covering(other, 0, HostKey.HashOf(other, 0), out text) is { } first)
                {
                    level = new(text, default);
                    return first;
                }
            }
        }
        if (indexes.AddressRoutes.Count == 0)
        {
            return null;
        }
        var address = destination with { Port = 0 };
        var key = address;
        var byAddress = indexes.AddressRoutes.First(address) ?? indexes.AddressRoutes.Around(address, out key);
        level = new([], key);
        return byAddress;
    }

    private VirtualServiceNode? Next(in RouteLevel level, VirtualServiceNode after) =>
        level.IsNetwork ? indexes.AddressRoutes.First(level.Network, after) : indexes.Routes.First(level.Text, 0, after);

    private bool CouldMatch(VirtualServiceNode? first, in RouteLevel level, int port)
    {
        for (var node = first; node is not null; node = Next(level, node))
        {
            foreach (var route in node.Tls)
            {
                if (route.CouldMatch(port))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private RouteNode? FirstTls(
        VirtualServiceNode? first, in RouteLevel level, in AddressKey destination, string serverName, RouteTrace? trace)
    {
        for (var node = first; node is not null; node = Next(level, node))
        {
            foreach (var route in node.Tls)
            {
                var isMatch = route.Matches(destination, serverName);
                trace?.Tried(node, route, "tls", isMatch);
                if (isMatch)
                {
                    return route;
                }
            }
        }
        return null;
    }

    private RouteNode? FirstTcp(VirtualServiceNode? first, in RouteLevel level, in AddressKey destination, RouteTrace? trace)
    {
        for (var node = first; node is not null; node = Next(level, node))
        {
            foreach (var route in node.Tcp)
            {
                var isMatch = route.Matches(destination, serverName: null);
                trace?.Tried(node, route, "tcp", isMatch);
                if (isMatch)
                {
                    return route;
                }
            }
        }
        return null;
    }

    private Cluster Resolve(RouteTarget target, int called)
    {
        var written = target.Written;
        for (var node = indexes.Hosts.First(target.HostText, 0); node is not null; node = indexes.Hosts.First(target.HostText, 0, node))
        {
            var port = node.Port(written.Port ?? called);
            port ??= written.Port is null && node.Ports.Length == 1 ? node.Ports[0] : null;
            if (port?.Cluster(written.Subset) is { } cluster)
            {
                return cluster;
            }
        }
        return target.Missing(called);
    }
}
