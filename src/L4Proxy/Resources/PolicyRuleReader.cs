using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Resources;

/// <summary>One rule of an AuthorizationPolicy, with what becomes of its fields that only HTTP has.</summary>
internal static class PolicyRuleReader
{
    /// <returns>Null when the rule is left out, because it allows by something we cannot see.</returns>
    public static PolicyRule? Read(Section rule, int index, PolicyAction action, string ownNamespace)
    {
        var reading = new RuleReading(ownNamespace);
        var clauses = ImmutableArray.CreateBuilder<PolicyClause>();
        Add(Alternatives(rule, "from", "source", source => PolicySourceReader.Read(source, reading)));
        Add(Alternatives(rule, "to", "operation", operation => PolicyOperationReader.Read(operation, reading)));
        NotEmptyList(rule, "when");
        foreach (var match in rule.InnerList<PolicyMatch?>("when", null, condition => PolicyConditionReader.Read(condition, reading)))
        {
            Add([match]);
        }
        if (reading.HasHttpFields)
        {
            return WithoutHttp(rule, index, action, clauses, reading.HttpFields);
        }
        return new PolicyRule(index, rule.Position.Line, clauses.DrainToImmutable());

        // One of the alternatives without a condition of ours holds always, and so does the whole clause.
        void Add(IReadOnlyList<PolicyMatch?>? matches)
        {
            if (matches is null)
            {
                return;
            }
            if (!matches.Contains(null))
            {
                clauses.Add(new PolicyClause([.. matches.OfType<PolicyMatch>()]));
            }
        }
    }

    public static PolicyRule Move(PolicyRule rule, int lines) => rule with
    {
        Line = rule.Line + lines,
        Clauses =
        [
            .. rule.Clauses.Select(clause => new PolicyClause([.. clause.Matches.Select(match => match with { Line = match.Line + lines })])),
        ],
    };

    private static PolicyRule? WithoutHttp(
        Section rule, int index, PolicyAction action, ImmutableArray<PolicyClause>.Builder clauses, string http)
    {
        if (action == PolicyAction.Allow)
        {
            rule.Warn($"asks for {http}, which only HTTP has, so the whole rule is left out and allows nobody; remove what only HTTP has");
            return null;
        }
        if (clauses.Count == 0 && action == PolicyAction.Deny)
        {
            rule.Fail($"asks only for {http}, which only HTTP has: without it the rule would deny everything, and nobody knows whether that was meant; add an L4 condition, or write {{}} to deny everything");
            return null;
        }
        rule.Warn($"asks for {http}, which only HTTP has and which is left out: the rule {(action == PolicyAction.Deny ? "denies" : "marks")} "
            + $"{(clauses.Count == 0 ? "everything" : "more than it would on HTTP")}; remove what only HTTP has");
        return new PolicyRule(index, rule.Position.Line, clauses.DrainToImmutable());
    }

    private static IReadOnlyList<PolicyMatch?>? Alternatives(Section rule, string key, string inner, Func<Section, PolicyMatch?> read)
    {
        if (!rule.Has(key))
        {
            return null;
        }
        NotEmptyList(rule, key);
        return rule.InnerList<PolicyMatch?>(key, null, item =>
        {
            if (!item.Has(inner))
            {
                item.Fail(inner, $"is missing; add it, or remove {key} to mean anybody and anything");
            }
            return item.Inner(inner, null, read);
        });
    }

    private static void NotEmptyList(Section rule, string key)
    {
        if (rule.IsEmptyList(key))
        {
            rule.Fail(key, "is empty; remove it where every connection is meant");
        }
    }
}
