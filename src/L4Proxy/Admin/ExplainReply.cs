using L4Proxy.Core.Connections;
using L4Proxy.Explain;
using L4Proxy.Telemetry;

namespace L4Proxy.Admin;

/// <summary>What <c>/explain</c> answers, and <c>explain --json</c> prints.</summary>
/// <param name="Direction">As asked.</param>
/// <param name="To">As asked.</param>
/// <param name="Peer">As asked.</param>
/// <param name="Source">As asked.</param>
/// <param name="Sni">As asked.</param>
/// <param name="Steps">In the order in which the proxy asks.</param>
/// <param name="Verdict"><c>allow</c> or <c>deny</c>.</param>
/// <param name="Reason">The close reason of a denial, as the access log has it.</param>
/// <param name="Rule">The rule that decided, as the access log has it.</param>
/// <param name="Route">Where it goes, as the access log has it.</param>
/// <param name="By">Where what decided is written.</param>
internal sealed record ExplainReply(
    string Direction, string To, string? Peer, string? Source, string? Sni, IReadOnlyList<StepReply> Steps,
    string Verdict, string? Reason, string? Rule, string? Route, OriginReply? By) : VersionedShape
{
    /// <summary>Of the resources; null: they were not those of a running proxy.</summary>
    public int? Generation { get; init; }

    public static ExplainReply Of(ExplainQuestion question, Explanation explanation, int? generation) => new(
        question.Direction.Label(), question.To.ToString(), question.Peer?.ToString(), question.Source?.ToString(), question.ServerName,
        [.. explanation.Steps.Select(step => new StepReply(step.Text, step.Depth, OriginReply.Of(step.By)))],
        explanation.IsAllowed ? "allow" : "deny", explanation.Refusal?.Label(), explanation.Rule, explanation.Route,
        OriginReply.Of(explanation.By)) { Generation = generation };
}

/// <param name="Text">One sentence.</param>
/// <param name="Depth">How far to indent.</param>
/// <param name="By">Which resource says so; null: none.</param>
internal sealed record StepReply(string Text, int Depth, OriginReply? By);
