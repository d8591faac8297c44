using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>What a route matches.</summary>
internal static class RouteMatchReader
{
    /// <returns>Null: it is for gateways.</returns>
    public static RouteMatch? Tcp(Section section)
    {
        section.Refuse("sourceSubnet", "is not honoured, as Istio does not; remove it, or match sourceLabels");
        return Fields(section, []);
    }

    /// <param name="hosts">Of the resource, as written: Istio demands that a server name be one of them or covered by one.</param>
    /// <returns>Null: it is for gateways.</returns>
    public static RouteMatch? Tls(Section section, ImmutableArray<string> hosts, string resourceNamespace)
    {
        if (!section.Has("sniHosts"))
        {
            section.Fail("sniHosts", "is missing; add it, such as sniHosts: [web.example.com]");
        }
        return Fields(section, section.Values("sniHosts", (text, _) =>
        {
            var name = HostText.Pattern(text);
            return hosts.Any(host => Covers(host, name) || Covers(HostText.Complete(host, resourceNamespace), name))
                ? TextPattern.Parse(name)
                : throw new FormatException($"'{text}' is none of the hosts of this resource, nor covered by one; add it to spec.hosts");
        }));
    }

    private static RouteMatch? Fields(Section section, ImmutableArray<TextPattern> serverNames)
    {
        var match = new RouteMatch
        {
            DestinationSubnets = section.Values("destinationSubnets", AddressText.NetworkOrWarn),
            Port = section.Value<int?>("port", null, text => ScalarText.Port(text)),
            SourceLabels = section.Inner("sourceLabels", ResourceText.NoLabels, ResourceText.Labels),
            SourceNamespace = section.Value("sourceNamespace", "", WorkloadText.Name),
            ServerNames = serverNames,
        };
        return RouteReader.IsForMesh(section) ? match : null;
    }

    private static bool Covers(string host, string name) =>
        host == name || (host.StartsWith("*.", StringComparison.Ordinal) && name.EndsWith(host[1..], StringComparison.Ordinal));
}
