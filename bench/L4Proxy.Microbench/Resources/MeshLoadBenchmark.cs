using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Resources;

namespace L4Proxy.Microbench.Resources;

/// <summary>
/// From files to a registry that can be asked: everything at once, and after a change of one document. Bounds a start and an update;
/// what is kept afterwards is written to the console, since allocated bytes are mostly those of the parser and gone again.
/// </summary>
public class MeshLoadBenchmark : IDisposable
{
    private static readonly LocalWorkload _workload = new("ns-1", ImmutableSortedDictionary<string, string>.Empty, "istio-system", ["cluster.local"]);
    private static readonly Locality _here = Locality.Parse("eu/z1");

    private LargeDirectory _directory = null!;
    private ResourceLoader _loader = null!;
    private Registry _registry = Registry.Empty;
    private int _turn;

    /// <summary>One file of nearly 8 MiB, or a directory of a hundred.</summary>
    [Params(1, 100)]
    public int Files { get; set; }

    [GlobalSetup]
    public void Check()
    {
        _directory = new LargeDirectory(Files);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _loader = Loader();
        _registry = Update(before: null);
        Console.WriteLine($"// {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1024 / 1024} MiB are kept");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, Description = "load")]
    public Registry Load()
    {
        _loader = Loader();
        return Update(before: null);
    }

    [Benchmark(Description = "one document changed")]
    public Registry One_document_changed()
    {
        _directory.ChangeOneDocument(_turn++);
        return _registry = Update(_registry);
    }

    private ResourceLoader Loader() => new(_directory.Path, _workload, TimeProvider.System);

    private Registry Update(Registry? before)
    {
        var set = ResourceJudge.Judge(_loader.Load(readEverything: false), _workload);
        if (!set.Errors.IsEmpty || set.Services.Length != LargeDirectory.Services || set.DestinationRules.Length != LargeDirectory.Rules)
        {
            throw new InvalidOperationException("The resources are not what was written: a timing of reading them would mean nothing.");
        }
        return Registry.Build(set.Routing, _workload, _here, before);
    }
}
