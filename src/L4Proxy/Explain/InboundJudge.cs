using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>What becomes of an inbound connection, all that decides about it taken together.</summary>
/// <param name="Refusal">The close reason it ends with; null: it is let in.</param>
/// <param name="Rule">Id of the rule that decided; null where none did.</param>
/// <param name="By">Where what decided is written; null: no resource did.</param>
internal readonly record struct InboundVerdict(CloseReason? Refusal, string? Rule, Origin? By)
{
    public bool IsAllowed => Refusal is null;
}

/// <summary>
/// The questions of the inbound handler without a connection: one judge for <c>explain</c>, previews, fixtures and logs, so that no two
/// of them can disagree.
/// </summary>
internal static class InboundJudge
{
    /// <param name="model">The resources.</param>
    /// <param name="options">What they leave to configuration.</param>
    /// <param name="request">Its peer is what it would prove if it were asked.</param>
    public static InboundVerdict Judge(MeshModel model, ProxyOptions options, in AccessRequest request)
    {
        var mode = model.Mtls.Of(request.Destination.Port, options.Mesh.Mtls, out var modeBy);
        if (mode == MtlsMode.Strict && request.Peer is null)
        {
            return new(CloseReason.PlaintextRefused, Rule: null, modeBy);
        }
        if (mode != MtlsMode.Disable && request.Peer is { } peer && Handshake(options.Identity, options.Workload, peer) is { } failure)
        {
            return new(failure, Rule: null, By: null);
        }
        var verdict = model.Policies.Decide(AsSeen(mode, request)).Verdict;
        return new(
            verdict.IsAllowed || options.Mesh.PolicyDryRun ? null : CloseReason.PolicyDenied, verdict.By?.Id, verdict.By?.Origin);
    }

    /// <summary>Why a handshake with this peer fails for what configuration says; null: it may succeed.</summary>
    private static CloseReason? Handshake(IdentityOptions identity, WorkloadOptions workload, SpiffeId peer) =>
        identity.Source == IdentitySource.None ? CloseReason.TlsNoIdentity
        // Fixtures and logs come without one: there whoever has a name is believed.
        : identity.TrustBundle.Length == 0 || peer.TrustDomain.Name == workload.TrustDomain
            || identity.TrustDomainAliases.Contains(peer.TrustDomain.Name, StringComparer.Ordinal)
            || identity.FederatedBundles.ContainsKey(peer.TrustDomain.Name) ? null
        : CloseReason.TlsUnknownCa;

    /// <summary>What policy is asked: where TLS is the workload's own business, the proxy never learns who the peer is.</summary>
    public static AccessRequest AsSeen(MtlsMode mode, in AccessRequest request) =>
        mode == MtlsMode.Disable ? request with { Peer = null } : request;
}
