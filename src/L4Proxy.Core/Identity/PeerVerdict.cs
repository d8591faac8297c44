using System.Diagnostics.CodeAnalysis;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>What <see cref="PeerVerifier"/> says about a peer. A verdict nobody gave (<c>default</c>) accepts nobody.</summary>
/// <param name="Id">Who the peer proved to be; null unless it is accepted, so that no refused name is ever used by mistake.</param>
/// <param name="Refusal">Null when the peer is accepted.</param>
/// <param name="Detail">For a person, with the names and times at hand; null when the peer is accepted.</param>
/// <param name="Chain">What was believed, to be judged again when the trust changes; null unless accepted.</param>
public readonly record struct PeerVerdict(SpiffeId? Id, CloseReason? Refusal, string? Detail, PeerChain? Chain = null)
{
    /// <summary>The only question to ask before using <see cref="Id"/>.</summary>
    [MemberNotNullWhen(true, nameof(Id), nameof(Chain))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Accepted => Refusal is null && Id is not null && Chain is not null;

    internal static PeerVerdict Refuse(CloseReason reason, string detail) => new(null, reason, detail);
}
