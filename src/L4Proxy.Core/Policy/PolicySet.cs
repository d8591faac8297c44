#pragma warning disable CA1822, MA0025 // signatures agreed first; the owner of this file removes this line with the body
using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>The policies that reach one workload, compiled. Immutable; asked from every loop at once.</summary>
public sealed class PolicySet
{
    private PolicySet(ImmutableArray<AuthorizationPolicy> policies) => Policies = policies;

    /// <summary>No policy: everything is allowed.</summary>
    public static PolicySet Empty { get; } = new([]);

    /// <summary>Those that reach the workload.</summary>
    public ImmutableArray<AuthorizationPolicy> Policies { get; }

    /// <param name="policies">All there are.</param>
    /// <param name="workload">Whom they must reach, and which trust domains are one and the same.</param>
    public static PolicySet Compile(IEnumerable<AuthorizationPolicy> policies, LocalWorkload workload) =>
        throw new NotImplementedException();

    /// <summary>Every question that <see cref="Decide"/> asks about a connection, and its answer, in order; the verdict is last.</summary>
    public ImmutableArray<ExplainStep> Explain(in AccessRequest request) => [];

    /// <summary>Which fields of a rule a connection matched: <c>ports: 9000 is among [9000]</c>; for the detail of a log line. Allocates.</summary>
    /// <param name="hit">From a decision of this set.</param>
    /// <param name="request">The connection it was made about.</param>
    public string Describe(PolicyHit hit, in AccessRequest request) => hit.Id;

    /// <summary>DENY before ALLOW; allocates nothing.</summary>
    public AccessDecision Decide(in AccessRequest request) =>
        new(new(AccessReason.NoAllowPolicy, null), new(AccessReason.NoAllowPolicy, null), null);
}
