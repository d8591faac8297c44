namespace L4Proxy.Admin;

/// <summary>What a candidate would do. With errors it would do nothing: the resources in force would stay.</summary>
/// <param name="Errors">Each <c>file:line:col: path: what is wrong; what would do</c>.</param>
/// <param name="Warnings">Of the same form.</param>
/// <param name="Judged">Live inbound connections that policy had let in.</param>
/// <param name="Affected">Of these, those the change may concern.</param>
/// <param name="DryRun">Whether <c>mesh.policyDryRun</c> keeps policy from being enforced, so that nothing would be closed.</param>
/// <param name="OnPolicyChange">What becomes of those that are denied: <c>keep</c>, <c>drain</c> or <c>cut</c>.</param>
/// <param name="Denied">Of the affected, those that the candidate denies.</param>
internal sealed record PreviewReply(
    IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings, int Judged, int Affected, bool DryRun, string OnPolicyChange,
    IReadOnlyList<PreviewedConnection> Denied) : VersionedShape;

/// <param name="Id">As the access log will have it.</param>
/// <param name="Direction">Which way it runs.</param>
/// <param name="Downstream">Who connected.</param>
/// <param name="Peer">The identity it proved; null for none.</param>
/// <param name="Destination">Where it was going.</param>
/// <param name="AgeSeconds">Since it was accepted.</param>
/// <param name="Rule">The rule that denies, as the access log has it; null: no ALLOW rule matches, or mTLS is what it lacks.</param>
/// <param name="Why">For people.</param>
/// <param name="By">Where that is written.</param>
internal sealed record PreviewedConnection(
    string Id, string Direction, string Downstream, string? Peer, string Destination, double AgeSeconds, string? Rule, string Why, OriginReply? By);
