using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Routing;

namespace L4Proxy.Microbench.Routing;

/// <summary>Building a registry of 10 000 services with 50 000 endpoints, and changing one service, rule or route of it. Allocated bytes of a build bound what it keeps.</summary>
public class RegistryBenchmark
{
    private readonly RegistrySource _source = LargeMesh.Source();
    private RegistrySource _otherService = RegistrySource.Empty;
    private RegistrySource _otherRule = RegistrySource.Empty;
    private RegistrySource _oneEntryMore = RegistrySource.Empty;
    private Registry _registry = Registry.Empty;

    [GlobalSetup]
    public void Prepare()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _registry = Build();
        Console.WriteLine($"// a registry keeps {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1024} KiB beside its source");

        var changed = LargeMesh.Service(5_000);
        _otherService = _source with { Services = _source.Services.SetItem(5_000, changed with { Endpoints = changed.Endpoints[..4] }) };
        _otherRule = _source with { DestinationRules = _source.DestinationRules.SetItem(50, _source.DestinationRules[50] with { Policy = TrafficPolicy.None }) };
        _oneEntryMore = _source with { Services = _source.Services.Add(LargeMesh.Service(LargeMesh.Services)) };
    }

    [Benchmark(Baseline = true, Description = "build from nothing")]
    public Registry Build() => Registry.Build(_source, LargeMesh.Workload, LargeMesh.Here, before: null);

    [Benchmark(Description = "one service changed")]
    public Registry One_service_changed() => Registry.Build(_otherService, LargeMesh.Workload, LargeMesh.Here, _registry);

    [Benchmark(Description = "one service more")]
    public Registry One_service_more() => Registry.Build(_oneEntryMore, LargeMesh.Workload, LargeMesh.Here, _registry);

    [Benchmark(Description = "one rule changed")]
    public Registry One_rule_changed() => Registry.Build(_otherRule, LargeMesh.Workload, LargeMesh.Here, _registry);

    [Benchmark(Description = "nothing changed")]
    public Registry Nothing_changed() => Registry.Build(_source, LargeMesh.Workload, LargeMesh.Here, _registry);
}
