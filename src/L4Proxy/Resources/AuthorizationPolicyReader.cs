using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>AuthorizationPolicy: who may call.</summary>
internal static class AuthorizationPolicyReader
{
    /// <summary>As many as Istio's own schema allows.</summary>
    private const int MaxRules = 512;

    public static AuthorizationPolicy Read(ResourceDocument document)
    {
        var spec = document.Spec;
        var selector = ResourceText.Selector(spec, "selector", "matchLabels");
        foreach (var key in new[] { "targetRef", "targetRefs" })
        {
            spec.Refuse(key, "attaches the policy to a gateway, and this is a workload's proxy; select workloads by selector.matchLabels");
        }
        var action = spec.Value("action", PolicyAction.Allow, Action);
        spec.Refuse("provider", "belongs to the action CUSTOM, which asks a server of its own; remove it");
        var index = -1;
        var rules = spec.InnerList<PolicyRule?>("rules", null, rule => PolicyRuleReader.Read(rule, ++index, action, document.Origin.Namespace));
        if (rules.Count > MaxRules)
        {
            spec.Fail("rules", $"has {rules.Count} rules; Istio allows {MaxRules}, divide them among several policies");
        }
        if (rules.Count == 0 && action is not PolicyAction.Allow)
        {
            spec.Warn("rules", $"{(spec.Has("rules") ? "is empty" : "is missing")}, so the policy never matches; write rules, or [{{}}] for every connection");
        }
        return new AuthorizationPolicy(document.Origin, action, selector, [.. rules.OfType<PolicyRule>()])
        {
            IsDryRun = IsDryRun(document),
        };
    }

    public static AuthorizationPolicy Move(AuthorizationPolicy policy, Origin origin, int lines) => policy with
    {
        Origin = origin,
        Rules = lines == 0 ? policy.Rules : [.. policy.Rules.Select(rule => PolicyRuleReader.Move(rule, lines))],
    };

    private static PolicyAction Action(string text) => text switch
    {
        "ALLOW" => PolicyAction.Allow,
        "DENY" => PolicyAction.Deny,
        "AUDIT" => PolicyAction.Audit,
        "CUSTOM" => throw new FormatException("CUSTOM asks a server that answers requests, and there is none here; write ALLOW, DENY or AUDIT"),
        _ => throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, ["ALLOW", "DENY", "AUDIT"])}"),
    };

    // A policy meant to be tried must not be enforced because its annotation says "yes".
    private static bool IsDryRun(ResourceDocument document)
    {
        const string key = "istio.io/dry-run";
        if (!document.Annotations.TryGetValue(key, out var value) || value is "true" or "false")
        {
            return value == "true";
        }
        document.Spec.Fail($"the annotation {key} is '{value}'; write \"true\" or \"false\"");
        return false;
    }
}
