using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Microbench.Routing;

/// <summary>10 000 services with 50 000 endpoints, 100 rules and 100 virtual services: every fifth endpoint of a service of ours, all in the mesh.</summary>
internal static class LargeMesh
{
    public const int Services = 10_000;
    private const int EndpointsEach = 5;

    public static LocalWorkload Workload { get; } = new(
        "demo", ImmutableSortedDictionary<string, string>.Empty.Add("app", "web"), "istio-system", ["cluster.local"]);

    public static Locality Here { get; } = Locality.Parse("eu/a/1");

    public static RegistrySource Source() => new(
        [.. Enumerable.Range(0, Services).Select(Service)], [], [.. Enumerable.Range(0, 100).Select(Rule)],
        [.. Enumerable.Range(0, 100).Select(Routes)], []);

    public static Service Service(int number) => new(
        new(ResourceKind.ServiceEntry, "demo", Name(number), "services.yaml", (number * 40) + 1), [Host(number)],
        [new(Address(number), 32)], [new(80, "tcp", IsTls: false, 8080)], Resolution.Static)
    {
        IsMeshInternal = true,
        Endpoints = [.. Enumerable.Range(0, EndpointsEach).Select(index => Endpoint(number, index))],
    };

    public static IPAddress Address(int number) => new([10, 96, (byte)(number >> 8), (byte)number]);

    /// <summary>With every number its own and in no order that an index could profit from.</summary>
    public static RouteRequest[] Requests(int count) =>
        [.. Enumerable.Range(0, count).Select(turn => new RouteRequest(new(Address(turn * 7919 % Services), 80), null, new IPAddress([10, 9, (byte)(turn >> 8), (byte)turn])))];

    private static Endpoint Endpoint(int number, int index)
    {
        var address = new IPAddress([10, (byte)(1 + index), (byte)(number >> 8), (byte)number]);
        return new(1, address.ToString())
        {
            Ip = address,
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add("version", index == 0 ? "v2" : "v1"),
            Locality = Locality.Parse(index < 3 ? "eu/a/1" : "eu/b/1"),
            Identity = SpiffeId.TryParse($"spiffe://cluster.local/ns/demo/sa/{Name(number)}", out var id, out _) ? id : null,
        };
    }

    private static DestinationRule Rule(int number) => new(
        new(ResourceKind.DestinationRule, "demo", Name(number), "rules.yaml", (number * 20) + 1), Host(number * 100),
        new TrafficPolicy { ConnectionPool = new() { MaxConnections = 100 } })
    {
        Subsets = [Subset("v1"), Subset("v2")],
    };

    private static Subset Subset(string version) => new(version, 1, ImmutableSortedDictionary<string, string>.Empty.Add("version", version), null);

    private static VirtualService Routes(int number) => new(
        new(ResourceKind.VirtualService, "demo", Name(number), "routes.yaml", (number * 20) + 1), [Host(number * 100)], [],
        [new(0, 5, [new RouteMatch { Port = 80 }], [new(Host(number * 100), "v1", null, 90, 6), new(Host(number * 100), "v2", null, 10, 7)])]);

    private static string Host(int number) => Name(number) + ".demo.svc.cluster.local";

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"service-{number}");
}
