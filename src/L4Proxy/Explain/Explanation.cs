using System.Collections.Immutable;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Resources;

namespace L4Proxy.Explain;

/// <summary>What would become of a connection, and every step on the way there.</summary>
/// <param name="Steps">In the order in which the proxy asks.</param>
/// <param name="Refusal">The close reason it would end with; null: it goes on.</param>
internal sealed record Explanation(ImmutableArray<ExplainStep> Steps, CloseReason? Refusal)
{
    public bool IsAllowed => Refusal is null;

    /// <summary>Inbound: id of the rule that decided, as the access log has it; null where none did.</summary>
    public string? Rule { get; init; }

    /// <summary>Outbound: where it goes, as the access log has it; null for inbound.</summary>
    public string? Route { get; init; }

    /// <summary>What decided, and where it is written; null: no resource did.</summary>
    public Origin? By { get; init; }
}
