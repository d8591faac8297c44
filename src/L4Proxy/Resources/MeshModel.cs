using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources;

/// <summary>What all resources come to for this workload. Immutable, replaced whole: a connection sees one of them or the next.</summary>
/// <param name="Generation">From 1 with the first set of resources; 0 without any.</param>
/// <param name="Policies">Who may call.</param>
/// <param name="Mtls">How they must call.</param>
/// <param name="Registry">Whom we call, and where that is.</param>
internal sealed record MeshModel(int Generation, PolicySet Policies, MtlsModes Mtls, Registry Registry)
{
    /// <summary>Whether a policy asks for the server name: then it is looked for on every connection.</summary>
    public bool PoliciesAskForServerName { get; } = Policies.Policies.Any(policy => policy.Rules.Any(rule => rule.Clauses.Any(clause =>
        clause.Matches.Any(match => !match.ServerNames.IsEmpty || !match.NotServerNames.IsEmpty))));

    /// <summary>Without resources: everybody may call, and destinations are what they were.</summary>
    public static MeshModel Empty { get; } = new(0, PolicySet.Empty, MtlsModes.Empty, Registry.Empty);
}
