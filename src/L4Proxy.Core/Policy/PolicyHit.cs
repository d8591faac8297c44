using System.Globalization;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>A rule that matched a connection. One object per compiled rule, so that a decision allocates nothing.</summary>
public sealed class PolicyHit(AuthorizationPolicy policy, PolicyRule rule)
{
    public AuthorizationPolicy Policy { get; } = policy;
    public PolicyRule Rule { get; } = rule;

    /// <summary><c>demo/deny-web#0</c>: policy and number of the rule, as logs, metrics and <c>explain</c> name it.</summary>
    // Made when the rule decides for the first time: most of thousands never do.
    public string Id => field ??= string.Create(CultureInfo.InvariantCulture, $"{Policy.Origin.Id}#{Rule.Index}");

    /// <summary>Where the rule stands.</summary>
    public Origin Origin => field ??= Policy.Origin.At(Rule.Line);

    /// <summary>Null for one that no set made.</summary>
    internal CompiledRule? Compiled { get; set; }
}
