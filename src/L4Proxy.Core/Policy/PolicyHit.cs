using System.Globalization;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>A rule that matched a connection. One object per compiled rule, so that a decision allocates nothing.</summary>
public sealed class PolicyHit(AuthorizationPolicy policy, PolicyRule rule)
{
    public AuthorizationPolicy Policy { get; } = policy;
    public PolicyRule Rule { get; } = rule;

    /// <summary><c>demo/deny-web#0</c>: policy and number of the rule, as logs, metrics and <c>explain</c> name it.</summary>
    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{policy.Origin.Id}#{rule.Index}");

    /// <summary>Where the rule stands.</summary>
    public Origin Origin { get; } = policy.Origin.At(rule.Line);
}
