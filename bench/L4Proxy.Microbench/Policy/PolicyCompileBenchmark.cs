using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Policy;

namespace L4Proxy.Microbench.Policy;

/// <summary>Once per change of the files. Leaves out reading them. What is allocated is mostly the set itself: it stays.</summary>
public class PolicyCompileBenchmark
{
    private readonly ImmutableArray<AuthorizationPolicy> _policies = ManyPolicies.Typical();
    private readonly ImmutableArray<AuthorizationPolicy> _changed;
    private readonly PolicySet _before;
    private readonly PolicySet _after;

    public PolicyCompileBenchmark()
    {
        _changed = _policies.SetItem(501, ManyPolicies.Policy(501, number => ManyPolicies.Typical(number + 100_000)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _before = Compile();
        Console.WriteLine($"// the compiled set holds {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1024} KiB");
        _after = Recompile();
    }

    [GlobalSetup]
    public void Check()
    {
        if (_before.Policies.Length != ManyPolicies.Count || _after.Policies.Length != ManyPolicies.Count || Change().ChangesNothing)
        {
            throw new InvalidOperationException("PolicySet gives wrong answers: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "compile 1 000 policies of 10 rules")]
    public PolicySet Compile() => PolicySet.Compile(_policies, ManyPolicies.Workload);

    [Benchmark(Description = "compile again after one policy changed")]
    public PolicySet Recompile() => PolicySet.Compile(_changed, ManyPolicies.Workload, _before);

    [Benchmark(Description = "what changed")]
    public PolicyChange Change() => PolicyChange.Between(_before, _after);
}
