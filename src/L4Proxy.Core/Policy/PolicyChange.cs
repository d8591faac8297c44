#pragma warning disable CA1822, CA1801, IDE0060 // surface first; goes with the body
namespace L4Proxy.Core.Policy;

/// <summary>What one set of policies changed about another: which connections must be judged again.</summary>
public sealed class PolicyChange
{
    private PolicyChange(bool changesNothing) => ChangesNothing = changesNothing;

    /// <summary>No connection can be judged differently.</summary>
    public bool ChangesNothing { get; }

    public static PolicyChange Between(PolicySet before, PolicySet after) => new(ReferenceEquals(before, after));

    /// <summary>Whether the outcome for a connection may differ; never false where it does. Allocates nothing.</summary>
    public bool MayAffect(in AccessRequest request) => !ChangesNothing;
}
