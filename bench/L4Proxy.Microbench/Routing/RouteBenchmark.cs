using System.Net;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Routing;

namespace L4Proxy.Microbench.Routing;

/// <summary>
/// What every outbound connection asks: route, then endpoint, among 10 000 services with 50 000 endpoints. Destinations change with every
/// call, so that caches of the processor are as cold as the size of the mesh makes them.
/// </summary>
public class RouteBenchmark
{
    private readonly RouteRequest[] _requests = LargeMesh.Requests(8192);
    private readonly RouteRequest _split = new(new(LargeMesh.Address(100), 80), null, IPAddress.Parse("10.9.9.9"));
    private readonly RouteRequest _direct = new(new(new IPAddress([10, 1, 0, 77]), 8080), null, IPAddress.Parse("10.9.9.9"));
    private readonly RouteRequest _unknown = new(new(IPAddress.Parse("192.0.2.1"), 80), null, IPAddress.Parse("10.9.9.9"));
    private readonly Registry _registry = Registry.Build(LargeMesh.Source(), LargeMesh.Workload, LargeMesh.Here, before: null);
    private int _turn;

    [GlobalSetup]
    public void Check()
    {
        // Clusters are made when they are first used: what is timed is every call but the first.
        foreach (var request in _requests)
        {
            if (_registry.Route(request).Cluster?.Choose(request.Source, [], 0) is null)
            {
                throw new InvalidOperationException($"{request.Destination} finds no endpoint: a timing would mean nothing.");
            }
        }
        if (_registry.Route(_direct).Kind != RouteKind.OriginalDestination || _registry.Route(_unknown).Kind != RouteKind.Unknown
            || !_registry.Route(_split).Cluster!.Name.Contains("80/v", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("Wrong decisions: a timing of them would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "any service: route and choose")]
    [AllocatesNothing]
    public UpstreamEndpoint? Any_service()
    {
        ref readonly var request = ref _requests[++_turn & 8191];
        return _registry.Route(request).Cluster!.Choose(request.Source, [], 0);
    }

    [Benchmark(Description = "one service with a weighted route: route and choose")]
    [AllocatesNothing]
    public UpstreamEndpoint? Weighted_route() => _registry.Route(_split).Cluster!.Choose(_split.Source, [], 0);

    [Benchmark(Description = "a known endpoint")]
    [AllocatesNothing]
    public UpstreamEndpoint? Known_endpoint() => _registry.Route(_direct).Endpoint;

    [Benchmark(Description = "no service")]
    [AllocatesNothing]
    public RouteKind No_service() => _registry.Route(_unknown).Kind;

    [Benchmark(Description = "is a server name needed")]
    [AllocatesNothing]
    public bool Needs_server_name() => _registry.NeedsServerName(_requests[++_turn & 8191].Destination);
}
