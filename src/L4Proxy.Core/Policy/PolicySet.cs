using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>The policies that reach one workload, compiled. Immutable; asked from every loop at once.</summary>
public sealed class PolicySet
{
    private readonly RuleIndex _index;
    private readonly bool _hasDryRun;
    private readonly bool _hasDryRunAllow;

    private PolicySet(ImmutableArray<CompiledPolicy> compiled, TrustDomainAliases aliases)
    {
        Compiled = compiled;
        Aliases = aliases;
        Policies = [.. compiled.Select(policy => policy.Policy)];
        HasAllow = compiled.Any(policy => policy.Is(PolicyAction.Allow, isDryRun: false));
        _hasDryRunAllow = compiled.Any(policy => policy.Is(PolicyAction.Allow, isDryRun: true));
        _hasDryRun = _hasDryRunAllow || compiled.Any(policy => policy.Is(PolicyAction.Deny, isDryRun: true));
        _index = new RuleIndex([.. compiled.SelectMany(policy => policy.Rules)]);
    }

    /// <summary>No policy: everything is allowed.</summary>
    public static PolicySet Empty { get; } = new([], new([]));

    /// <summary>Those that reach the workload: of the mesh, then of the namespace, then of the workload; by namespace and name within.</summary>
    public ImmutableArray<AuthorizationPolicy> Policies { get; }

    internal ImmutableArray<CompiledPolicy> Compiled { get; }
    internal TrustDomainAliases Aliases { get; }

    /// <summary>Whether an ALLOW policy is in force: then what none of them allows is denied.</summary>
    internal bool HasAllow { get; }

    /// <param name="policies">All there are.</param>
    /// <param name="workload">Whom they must reach, and which trust domains are one and the same.</param>
    /// <param name="previous">A set made before: what it holds of the same policies is used again.</param>
    public static PolicySet Compile(IEnumerable<AuthorizationPolicy> policies, LocalWorkload workload, PolicySet? previous = null)
    {
        var aliases = new TrustDomainAliases(workload.TrustDomains.IsDefault ? [] : workload.TrustDomains);
        var reusable = new Dictionary<object, CompiledPolicy>(ReferenceEqualityComparer.Instance);
        foreach (var made in previous is not null && previous.Aliases.SameAs(aliases) ? previous.Compiled : [])
        {
            reusable[made.Policy] = made;
        }
        var compiler = new RuleCompiler(aliases);
        var compiled =
            from policy in policies
            let scope = policy.Selector.ScopeFor(policy.Origin.Namespace, workload)
            where scope is not null
            select reusable.GetValueOrDefault(policy) is { } made && made.Scope == scope ? made : compiler.Compile(policy, scope.Value);
        return new(
            [
                .. compiled.OrderBy(policy => policy.Scope)
                    .ThenBy(policy => policy.Policy.Origin.Namespace, StringComparer.Ordinal)
                    .ThenBy(policy => policy.Policy.Origin.Name, StringComparer.Ordinal),
            ], aliases);
    }

    /// <summary>
    /// DENY before ALLOW; AUDIT only marks. Where several rules match, the first in the order of <see cref="Policies"/> is named.
    /// Allocates nothing.
    /// </summary>
    public AccessDecision Decide(in AccessRequest request)
    {
        var facts = new ConnectionFacts(request, Aliases);
        var first = new FirstMatches(_index, ref facts);
        _index.Visit(facts, ref first);
        var deny = first.Of(RuleEffect.Deny);
        var allow = first.Of(RuleEffect.Allow);
        var verdict = Verdict(deny, allow, HasAllow);
        var withDryRun = !_hasDryRun ? verdict : Verdict(
            Math.Min(deny, first.Of(RuleEffect.DryRunDeny)), Math.Min(allow, first.Of(RuleEffect.DryRunAllow)), HasAllow || _hasDryRunAllow);
        return new(verdict, withDryRun, Hit(first.Of(RuleEffect.Audit)));
    }

    /// <summary>Every question that <see cref="Decide"/> asks about a connection, and its answer, in order; the verdict is last.</summary>
    public ImmutableArray<ExplainStep> Explain(in AccessRequest request) => PolicyTrace.Of(this, request);

    /// <summary>Which fields of a rule a connection matched: <c>ports: 9000 is among [9000]</c>; for the detail of a log line. Allocates.</summary>
    /// <param name="hit">From a decision of this set.</param>
    /// <param name="request">The connection it was made about.</param>
    public string Describe(PolicyHit hit, in AccessRequest request) => PolicyTrace.Reasons(this, hit, request);

    private AccessVerdict Verdict(int deny, int allow, bool hasAllow) =>
        deny != FirstMatches.None ? new(AccessReason.DenyMatched, Hit(deny))
        : !hasAllow ? new(AccessReason.NoAllowPolicy, null)
        : allow != FirstMatches.None ? new(AccessReason.AllowMatched, Hit(allow))
        : new(AccessReason.NoAllowMatched, null);

    private PolicyHit? Hit(int number) => number == FirstMatches.None ? null : _index.Rules[number].Hit;
}
