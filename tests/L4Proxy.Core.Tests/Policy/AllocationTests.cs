using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>A decision is made for every connection, and for all live ones at once when policy changes: neither leaves garbage.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Decisions_and_questions_about_a_change_allocate_nothing()
    {
        var random = new RandomPolicies(7);
        var policies = random.Policies(most: 300);
        var set = PolicySet.Compile(policies, Workload);
        var change = PolicyChange.Between(set, PolicySet.Compile(random.Changed(policies), Workload, set));
        var wide = PolicyChange.Between(set, PolicySet.Empty);
        AccessRequest[] requests = [.. Enumerable.Range(0, 200).Select(_ => random.Request())];

        Assert.InRange(set.Policies.Length, 50, 300);
        Ask();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ask()
        {
            foreach (ref readonly var request in requests.AsSpan())
            {
                _ = set.Decide(request);
                _ = change.MayAffect(request);
                _ = wide.MayAffect(request);
            }
        }
    }
}
