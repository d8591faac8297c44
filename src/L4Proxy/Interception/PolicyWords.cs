using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;

namespace L4Proxy.Interception;

/// <summary>What policy decided, in the words of the record.</summary>
internal static class PolicyWords
{
    /// <summary>Most connections meet one of few outcomes that need no rule named; they share these.</summary>
    private static readonly PolicyFacts _allowed = new(IsAllowed: true, Rule: null);

    /// <param name="decision">What was decided.</param>
    /// <param name="isDryRun">Whether nothing is enforced: then what would be is all in <see cref="PolicyFacts.DryRun"/>.</param>
    public static PolicyFacts Facts(in AccessDecision decision, bool isDryRun)
    {
        var verdict = decision.Verdict;
        var isAllowed = verdict.IsAllowed || isDryRun;
        var would = decision.WithDryRun.IsAllowed == isAllowed ? null : Would(decision.WithDryRun);
        return verdict is { Reason: AccessReason.NoAllowPolicy } && would is null && decision.Audit is null
            ? _allowed
            : new PolicyFacts(isAllowed, isAllowed == verdict.IsAllowed ? verdict.By?.Id : null) { DryRun = would, Audit = decision.Audit?.Id };
    }

    /// <summary>For the log's <c>detail</c>: what denied, where that is written, and by which fields.</summary>
    public static string Why(PolicySet policies, AccessVerdict verdict, in AccessRequest request) => verdict.By is { } rule
        ? $"denied by rule {rule.Rule.Index} of {rule.Origin}: {policies.Describe(rule, request)}"
        : $"no ALLOW policy matches {request.Peer?.ToString() ?? "a peer without identity"} from {request.Source} to port {request.Destination.Port}";

    private static string Would(AccessVerdict verdict) =>
        (verdict.IsAllowed ? "allow" : "deny") + (verdict.By is { } rule ? $" {rule.Id}" : "");
}
