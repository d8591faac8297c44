using System.Globalization;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Admin;

/// <summary><c>GET /policy</c>: which authorization reaches this workload, and where it is written.</summary>
internal static class PolicyEndpoint
{
    public static Task AnswerAsync(HttpContext context, AdminSources sources)
    {
        var (model, options) = (sources.Model(), sources.Options());
        var outbound = model.Registry.OutboundPolicy ?? options.Mesh.OutboundTrafficPolicy;
        return AdminReply.JsonAsync(
            context,
            new PolicyReply(
                model.Generation, options.Mesh.PolicyDryRun, [.. model.Policies.Policies.Select(Summary)], OptionKey.Word(outbound),
                OriginReply.Of(model.Registry.OutboundPolicyBy)),
            AdminJson.Default.PolicyReply);
    }

    private static PolicySummary Summary(AuthorizationPolicy policy) => new(
        OriginReply.Of(policy.Origin)!, policy.Action.ToString().ToUpperInvariant(), policy.IsDryRun,
        [.. policy.Rules.Select(rule => string.Create(CultureInfo.InvariantCulture, $"{policy.Origin.Id}#{rule.Index}"))]);
}
