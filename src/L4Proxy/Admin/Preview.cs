using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Explain;
using L4Proxy.Telemetry;

namespace L4Proxy.Admin;

/// <summary>Judges what is alive by what is not in force.</summary>
internal static class Preview
{
    public static async Task<PreviewReply> OfAsync(PreviewRequest request, AdminSources sources)
    {
        var (options, before) = (sources.Options(), sources.Model());
        var action = OptionKey.Word(options.Mesh.OnPolicyChange);
        var candidate = Candidate.OfTexts(request.Resources.Select(file => (file.Name, file.Text)), options);
        string[] errors = [.. candidate.Errors.Select(error => error.ToString())];
        string[] warnings = [.. candidate.Warnings.Select(warning => warning.ToString())];
        if (candidate.Model is not { } after)
        {
            return new PreviewReply(errors, warnings, 0, 0, action, []);
        }
        var (judged, affected) = (0, 0);
        var closing = new List<PreviewedConnection>();
        foreach (var live in await sources.LiveConnections())
        {
            judged++;
            var verdict = InboundJudge.Judge(after, options, live.Request);
            var inForce = InboundJudge.Judge(before, options, live.Request);
            affected += verdict.Refusal != inForce.Refusal || verdict.Rule != inForce.Rule ? 1 : 0;
            if (verdict.Refusal is { } reason)
            {
                closing.Add(Closing(live, reason, verdict, sources));
            }
        }
        return new PreviewReply(errors, warnings, judged, affected, action, closing);
    }

    private static PreviewedConnection Closing(LiveConnection live, CloseReason reason, InboundVerdict verdict, AdminSources sources) => new(
        sources.IdOf(live.Record), live.Record.Direction.Label(), live.Record.Downstream.EndPoint.ToString(), live.Request.Peer?.ToString(),
        live.Request.Destination.ToString(), Math.Round((sources.Now() - live.Record.AcceptedAt) / 1e6, 3), reason.Label(), verdict.Rule,
        OriginReply.Of(verdict.By));
}
