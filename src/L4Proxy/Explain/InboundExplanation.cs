using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Why a connection to the workload would be let in or not: (1) mTLS, (2) who it is then, (3) authorization, (4) limits, (5) the dial.</summary>
internal static class InboundExplanation
{
    public static Explanation Of(MeshModel model, ProxyOptions options, ExplainQuestion question)
    {
        var source = question.Source ?? ExplainQuestion.Nobody;
        var asked = new AccessRequest(question.Peer, source, question.Remote ?? source, question.To, question.ServerName);
        var verdict = InboundJudge.Judge(model, options, asked);
        var steps = ImmutableArray.CreateBuilder<ExplainStep>();

        // (1) How must it come?
        var mode = model.Mtls.Of(question.To.Port, options.Mesh.Mtls, out var modeBy);
        steps.Add(new($"mTLS of port {question.To.Port} is {OptionKey.Word(mode)}{(modeBy is null ? " by mesh.mtls; no PeerAuthentication says otherwise" : "")}", modeBy));

        // (2) Who is it then?
        steps.Add(new(Identification(mode, question, verdict.Refusal), null));
        if (verdict.Refusal is not (null or CloseReason.PolicyDenied))
        {
            return new([.. steps], verdict.Refusal) { By = verdict.By };
        }

        // (3) May it?
        if (question.Source is null)
        {
            steps.Add(new("the caller's address is not given: it is taken to be in no network that policy names", null));
        }
        steps.AddRange(model.Policies.Explain(InboundJudge.AsSeen(mode, asked)));
        if (options.Mesh.PolicyDryRun)
        {
            steps.Add(new("mesh.policyDryRun: authorization is told and not enforced", null));
        }

        // (4), (5)
        if (verdict.IsAllowed)
        {
            if (options.Limits.MaxConnectionsPerIdentity is > 0 and var most && question.Peer is not null && mode != MtlsMode.Disable)
            {
                steps.Add(new($"limits.maxConnectionsPerIdentity: at most {most} connections of this peer at the same time", null));
            }
            steps.Add(new($"the workload is dialled at {question.To}", null));
        }
        return new([.. steps], verdict.Refusal) { Rule = verdict.Rule, By = verdict.By };
    }

    private static string Identification(MtlsMode mode, ExplainQuestion question, CloseReason? refusal) => (mode, question.Peer) switch
    {
        (_, { }) when refusal == CloseReason.TlsNoIdentity => "mesh TLS is due and this proxy has no certificate to show: identity.source is none",
        (_, { } peer) when refusal == CloseReason.TlsUnknownCa => $"there is no trust bundle for {peer.TrustDomain}: its certificate is not believed, see identity.federatedBundles",
        (MtlsMode.Disable, null) => "bytes pass as they are; the caller has no identity",
        (MtlsMode.Disable, _) => "TLS is not terminated here: whatever identity the caller shows, policy does not learn it",
        (MtlsMode.Strict, null) => "the caller is in clear: refused",
        (_, null) => "the caller is in clear and let in as such; it has no identity",
        (_, { } peer) => $"mesh TLS is terminated: the caller is {peer}, if its certificate is believed",
    };
}
