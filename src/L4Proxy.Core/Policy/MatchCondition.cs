using System.Diagnostics;

namespace L4Proxy.Core.Policy;

/// <summary>One field of a match, ready to be asked.</summary>
/// <param name="Field">What it is about.</param>
/// <param name="IsNot">Whether it is the not-field.</param>
/// <param name="Set">Its values: a <see cref="PrincipalSet"/>, <see cref="NameSet"/>, <see cref="NetworkSet"/> or sorted ports.</param>
internal readonly record struct MatchCondition(PolicyField Field, bool IsNot, object Set)
{
    /// <summary>A fact that is absent is among no values: the positive field fails, the not-field holds.</summary>
    public bool Holds(in ConnectionFacts facts) => IsAmong(facts) != IsNot;

    private bool IsAmong(in ConnectionFacts facts) => Field switch
    {
        PolicyField.Principals => ((PrincipalSet)Set).Matches(facts),
        PolicyField.Namespaces => facts.Namespace is { IsEmpty: false } names && ((NameSet)Set).Matches(names),
        PolicyField.ServiceAccounts => facts.Peer is { } peer && ((NameSet)Set).Matches(peer.Path),
        PolicyField.TrustDomains => facts.Peer is not null && ((NameSet)Set).Matches(facts.TrustDomain),
        PolicyField.SourceNetworks => ((NetworkSet)Set).Contains(facts.Source),
        PolicyField.RemoteNetworks => ((NetworkSet)Set).Contains(facts.Remote),
        PolicyField.DestinationNetworks => ((NetworkSet)Set).Contains(facts.Destination),
        PolicyField.Ports => Array.BinarySearch((int[])Set, facts.Port) >= 0,
        PolicyField.ServerNames => facts.ServerName is { Length: > 0 } name && ((NameSet)Set).Matches(name),
        _ => throw new UnreachableException(),
    };
}
