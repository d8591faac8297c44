using System.Collections.Immutable;
using System.Globalization;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>Tells how a decision comes about, by asking the same compiled rules that decide, one after the other and all of them.</summary>
internal readonly ref struct PolicyTrace
{
    // Of one policy or action; what matches is always shown.
    private const int ShownFailures = 20;

    private static readonly PolicyAction[] _order = [PolicyAction.Deny, PolicyAction.Allow, PolicyAction.Audit];

    private readonly PolicySet _set;
    private readonly RuleCompiler _compiler;
    private readonly AccessRequest _request;
    private readonly ConnectionFacts _facts;
    private readonly ImmutableArray<ExplainStep>.Builder _steps;

    private PolicyTrace(PolicySet set, in AccessRequest request)
    {
        _set = set;
        _compiler = new RuleCompiler(set.Aliases);
        _request = request;
        _facts = new ConnectionFacts(request, set.Aliases);
        _steps = ImmutableArray.CreateBuilder<ExplainStep>();
    }

    public static ImmutableArray<ExplainStep> Of(PolicySet set, in AccessRequest request)
    {
        var trace = new PolicyTrace(set, request);
        foreach (var action in _order)
        {
            trace.Tell(action);
        }
        trace.TellVerdict(set.Decide(request));
        return trace._steps.DrainToImmutable();
    }

    public static string Reasons(PolicySet set, PolicyHit hit, in AccessRequest request)
    {
        var trace = new PolicyTrace(set, request);
        var rule = hit.Compiled;
        return rule is null || !rule.Matches(trace._facts) ? "the rule does not match"
            : rule.Clauses.IsEmpty ? "the rule has no conditions and matches everything"
            : string.Join("; ", trace.Matched(rule).Select(step => step.Text));
    }

    private void Tell(PolicyAction action)
    {
        var policies = _set.Compiled.Where(policy => policy.Policy.Action == action).ToList();
        Add(0, policies.Count == 0 ? $"{Word(action)}: no policy reaches the workload" : $"{Word(action)}: {Count(policies.Count, "policy reaches", "policies reach")} the workload", null);
        var failures = 0;
        foreach (var policy in policies)
        {
            var isMatch = Matches(policy);
            failures += isMatch ? 0 : 1;
            if (isMatch || failures <= ShownFailures)
            {
                Tell(policy, isMatch);
            }
        }
        if (failures > ShownFailures)
        {
            Add(1, $"{Count(failures - ShownFailures, "further policy does", "further policies do")} not match", null);
        }
    }

    private void Tell(CompiledPolicy policy, bool isMatch)
    {
        var scope = policy.Scope switch
        {
            ResourceScope.Mesh => "for the whole mesh",
            ResourceScope.Namespace => $"for the namespace {policy.Policy.Origin.Namespace}",
            _ => "for this workload",
        };
        var dryRun = policy.Policy.IsDryRun ? ", in dry run" : "";
        Add(1, $"{policy.Policy.Origin.Id}, {scope}{dryRun}: {(isMatch ? "matches" : policy.Rules.IsEmpty ? "has no rules, never matches" : "no rule matches")}", policy.Policy.Origin);
        var failures = 0;
        foreach (var rule in policy.Rules)
        {
            if (rule.Matches(_facts))
            {
                Add(2, rule.Clauses.IsEmpty ? $"{rule.Hit.Id} has no conditions and matches everything" : $"{rule.Hit.Id} matches", rule.Hit.Origin);
                _steps.AddRange(Matched(rule));
            }
            else if (++failures <= ShownFailures)
            {
                Add(2, $"{rule.Hit.Id} does not match", rule.Hit.Origin);
                TellFailure(rule);
            }
        }
        if (failures > ShownFailures)
        {
            Add(2, $"{Count(failures - ShownFailures, "further rule does", "further rules do")} not match", null);
        }
    }

    /// <summary>Of each clause the match that matched, with all of its fields.</summary>
    private List<ExplainStep> Matched(CompiledRule rule)
    {
        var steps = new List<ExplainStep>();
        foreach (var clause in rule.Clauses)
        {
            var match = clause[CompiledRule.FirstOf(clause, _facts)];
            foreach (var condition in match.Conditions)
            {
                steps.Add(Step(rule, match, condition));
            }
        }
        return steps;
    }

    /// <summary>The first clause of which nothing matches, and of each of its matches the first field that fails.</summary>
    private void TellFailure(CompiledRule rule)
    {
        foreach (var clause in rule.Clauses)
        {
            if (CompiledRule.FirstOf(clause, _facts) >= 0)
            {
                continue;
            }
            foreach (var match in clause.Take(ShownFailures))
            {
                if (match.Conditions.IsEmpty)
                {
                    Add(3, "has no conditions, which never matches", Line(rule, match));
                }
                foreach (var condition in match.Conditions)
                {
                    if (!condition.Holds(_facts))
                    {
                        _steps.Add(Step(rule, match, condition));
                        break;
                    }
                }
            }
            if (clause.Length > ShownFailures)
            {
                Add(3, $"{clause.Length - ShownFailures} more do not match", null);
            }
            return;
        }
    }

    private void TellVerdict(AccessDecision decision)
    {
        if (decision.Audit is { } audit)
        {
            Add(0, $"marked for audit by {audit.Id}", audit.Origin);
        }
        if (decision.WithDryRun.IsAllowed != decision.Verdict.IsAllowed)
        {
            Add(0, $"with the policies in dry run in force it would be {Words(decision.WithDryRun)}", decision.WithDryRun.By?.Origin);
        }
        Add(0, Words(decision.Verdict), decision.Verdict.By?.Origin);
    }

    private void Add(int depth, string text, Origin? by) => _steps.Add(new(text, by) { Depth = depth });

    private ExplainStep Step(CompiledRule rule, CompiledMatch match, MatchCondition condition) =>
        new(FieldWords.Outcome(condition, match.Match, _request, _compiler, _facts), Line(rule, match)) { Depth = 3 };

    private static Origin Line(CompiledRule rule, CompiledMatch match) =>
        match.Match.Line == 0 ? rule.Hit.Origin : rule.Hit.Origin.At(match.Match.Line);

    private bool Matches(CompiledPolicy policy)
    {
        foreach (var rule in policy.Rules)
        {
            if (rule.Matches(_facts))
            {
                return true;
            }
        }
        return false;
    }

    private static string Words(AccessVerdict verdict) => verdict.Reason switch
    {
        AccessReason.DenyMatched => $"denied by {verdict.By!.Id}",
        AccessReason.NoAllowPolicy => "allowed: there is no ALLOW policy",
        AccessReason.AllowMatched => $"allowed by {verdict.By!.Id}",
        _ => "denied: there are ALLOW policies and none matches",
    };

    private static string Word(PolicyAction action) => action.ToString().ToUpperInvariant();

    private static string Count(int count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
