using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

/// <summary>Resources in few words, and the registry of a workload that sees them.</summary>
internal static class Mesh
{
    public static LocalWorkload Workload { get; } = new("demo", Labels("app", "web"), "istio-system", ["cluster.local"]);

    public static Registry Registry(
        Service[] services, DestinationRule[]? rules = null, VirtualService[]? routes = null, WorkloadEntry[]? workloads = null,
        Sidecar[]? sidecars = null, string locality = "", Registry? before = null, LocalWorkload? workload = null) =>
        Core.Routing.Registry.Build(
            Source(services, rules, routes, workloads, sidecars), workload ?? Workload, locality.Length == 0 ? default : Locality.Parse(locality), before);

    public static RegistrySource Source(
        Service[] services, DestinationRule[]? rules = null, VirtualService[]? routes = null, WorkloadEntry[]? workloads = null, Sidecar[]? sidecars = null) =>
        new([.. services], [.. workloads ?? []], [.. rules ?? []], [.. routes ?? []], [.. sidecars ?? []]);

    public static Origin Origin(ResourceKind kind, string name, string space = "demo", int line = 1) => new(kind, space, name, "mesh.yaml", line);

    /// <param name="host">Its name is the part before the first dot.</param>
    /// <param name="addresses">Separated by spaces.</param>
    /// <param name="endpoints">Separated by spaces.</param>
    /// <param name="port">Its only one.</param>
    /// <param name="space">Its namespace.</param>
    public static Service Service(string host, string addresses, string endpoints = "", int port = 80, string space = "demo") =>
        new(Origin(ResourceKind.ServiceEntry, host.Replace("*", "any", StringComparison.Ordinal), space), [host],
            [.. Words(addresses).Select(Network)], [new(port, "tcp", IsTls: false, null)], Resolution.Static)
        {
            IsMeshInternal = true,
            Endpoints = [.. Words(endpoints).Select(Endpoint)],
        };

    public static Service Tls(this Service service) => service with { Ports = [.. service.Ports.Select(port => port with { IsTls = true })] };

    public static Endpoint Endpoint(string address) =>
        new(1, address) { Ip = IPAddress.TryParse(address, out var ip) ? ip : null };

    public static WorkloadEntry Entry(string name, string address, string label, string value, string space = "demo") =>
        new(Origin(ResourceKind.WorkloadEntry, name, space), Endpoint(address) with { Labels = Labels(label, value) });

    public static DestinationRule Rule(string host, TrafficPolicy policy, string name = "rule", string space = "demo") =>
        new(Origin(ResourceKind.DestinationRule, name, space), host, policy);

    public static DestinationRule Rule(string host, LoadBalancer balancer) =>
        Rule(host, new TrafficPolicy { LoadBalancing = LoadBalancing.Default with { Algorithm = balancer } });

    public static VirtualService Routes(string host, params RouteRule[] tcp) =>
        new(Origin(ResourceKind.VirtualService, "routes-" + host), [host], [], [.. tcp.Select((rule, index) => rule with { Index = index })]);

    /// <param name="weights">A host, or a host and subset with a slash, and its weight.</param>
    public static RouteRule To(params (string Host, int Weight)[] weights) =>
        new(0, 10, [], [.. weights.Select(pair => new RouteDestination(pair.Host.Split('/')[0], pair.Host.Split('/').ElementAtOrDefault(1) ?? "", null, pair.Weight, 11))]);

    public static RouteRule To(string host) => To((host, 1));

    public static RouteRule If(this RouteRule rule, params RouteMatch[] matches) => rule with { Matches = [.. matches] };

    public static RouteMatch Sni(params string[] names) => new() { ServerNames = [.. names.Select(TextPattern.Parse)] };

    public static RouteRequest Request(string destination, string? serverName = null, string source = "10.9.9.9") =>
        new(IPEndPoint.Parse(destination), serverName, IPAddress.Parse(source));

    public static RouteDecision Route(this Registry registry, string destination, string? serverName = null) =>
        registry.Route(Request(destination, serverName));

    /// <summary>Its name, or what happens without one.</summary>
    public static string ClusterAt(this Registry registry, string destination, string? serverName = null) =>
        registry.Route(destination, serverName) is var decision && decision.Cluster is { } cluster ? cluster.Name : decision.Kind.ToString();

    public static UpstreamEndpoint? Choose(this Cluster cluster, long now = 0, string source = "10.9.9.9", params UpstreamEndpoint[] tried) =>
        cluster.Choose(IPAddress.Parse(source), tried, now);

    public static IReadOnlyList<string> Addresses(this Cluster cluster) => [.. cluster.Endpoints.ToArray().Select(endpoint => endpoint.Address.ToString())];

    public static ImmutableSortedDictionary<string, string> Labels(string name, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(name, value);

    public static SpiffeId Id(string text) => SpiffeId.TryParse(text, out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(text));

    public static IPNetwork Network(string text) => text.Contains('/', StringComparison.Ordinal)
        ? IPNetwork.Parse(text)
        : new(IPAddress.Parse(text), IPAddress.Parse(text).GetAddressBytes().Length * 8);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
