namespace L4Proxy.Admin;

/// <summary>What <c>/policy</c> answers: the authorization in force.</summary>
/// <param name="Generation">Of the resources; 0: there are none.</param>
/// <param name="DryRun">Whether <c>mesh.policyDryRun</c> keeps all of it from being enforced.</param>
/// <param name="Policies">Those that reach this workload.</param>
/// <param name="OutboundTrafficPolicy"><c>ALLOW_ANY</c> or <c>REGISTRY_ONLY</c>.</param>
/// <param name="OutboundTrafficPolicyBy">Which resource says so; null: the configuration does.</param>
internal sealed record PolicyReply(
    int Generation, bool DryRun, IReadOnlyList<PolicySummary> Policies, string OutboundTrafficPolicy, OriginReply? OutboundTrafficPolicyBy)
    : VersionedShape;

/// <param name="Policy">Which, and where it is written.</param>
/// <param name="Action"><c>ALLOW</c>, <c>DENY</c> or <c>AUDIT</c>.</param>
/// <param name="DryRun">Judged and told, not enforced.</param>
/// <param name="Rules">Ids of its rules, as the access log has them.</param>
internal sealed record PolicySummary(OriginReply Policy, string Action, bool DryRun, IReadOnlyList<string> Rules);
