namespace L4Proxy.Core.Connections;

/// <summary>What authorization said about a connection.</summary>
/// <param name="IsAllowed">The verdict in force.</param>
/// <param name="Rule">Id of the rule that decided, <c>demo/deny-web#0</c>; null where no rule did (no policy, or no ALLOW matched).</param>
public sealed record PolicyFacts(bool IsAllowed, string? Rule)
{
    /// <summary>What enforcing dry-run policies would change: <c>deny demo/deny-web#0</c>, or <c>deny</c> for want of an ALLOW; else null.</summary>
    public string? DryRun { get; init; }

    /// <summary>Id of the first AUDIT rule that matched; null for none.</summary>
    public string? Audit { get; init; }
}
