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

    /// <summary>DENY before ALLOW; allocates nothing.</summary>
    public AccessDecision Decide(in AccessRequest request) =>
        new(new(AccessReason.NoAllowPolicy, null), new(AccessReason.NoAllowPolicy, null), null);
}
