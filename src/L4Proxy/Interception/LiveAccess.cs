using L4Proxy.Core.Policy;
using L4Proxy.Resources;

namespace L4Proxy.Interception;

/// <summary>Judges an established inbound connection by a model that may not be the one that let it in.</summary>
internal static class LiveAccess
{
    /// <param name="connection">Judged once already. Looked at on its loop.</param>
    /// <param name="model">In force, or a candidate.</param>
    /// <param name="current">Settings.</param>
    /// <returns>Null: it may stay.</returns>
    public static AccessDenial? Denial(ProxiedConnection connection, MeshModel model, DataPathSettings current)
    {
        if (current.IsPolicyDryRun)
        {
            return null;
        }
        var request = connection.AccessRequest;
        if (request.Peer is null && model.Mtls.Of(request.Destination.Port, current.Mtls, out var by) == MtlsMode.Strict)
        {
            return new AccessDenial(null, $"the port demands mutual TLS now, by {by?.ToString() ?? "mesh.mtls"}", by);
        }
        var verdict = model.Policies.Decide(request).Verdict;
        return verdict.IsAllowed ? null : new AccessDenial(verdict.By?.Id, PolicyWords.Why(model.Policies, verdict, request), verdict.By?.Origin);
    }
}

/// <summary>Why a live connection is denied.</summary>
/// <param name="Rule">Id of the deciding rule; null where none decided.</param>
/// <param name="Why">For people.</param>
/// <param name="By">Where that is written; null where nothing written says so.</param>
internal sealed record AccessDenial(string? Rule, string Why, Core.Resources.Origin? By);
