using L4Proxy.Core.Connections;
using L4Proxy.Explain;
using L4Proxy.Transport;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Admin;

/// <summary><c>GET /explain?direction=outbound|inbound&amp;to=IP:PORT&amp;from=ID&amp;from=IP&amp;sni=NAME</c>: what would become of a connection, and why.</summary>
internal static class ExplainEndpoint
{
    public static Task AnswerAsync(HttpContext context, AdminSources sources)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(key => key is not ("direction" or "to" or "from" or "sni")) is { } unknown)
        {
            return AdminReply.ErrorAsync(context, StatusCodes.Status400BadRequest, $"'{unknown}' is not asked for here; give direction, to, from and sni");
        }
        ExplainQuestion question;
        try
        {
            question = QuestionText.Question(DirectionOf(query["direction"]), One(query["to"], "to"), query["from"].OfType<string>(),
                query["sni"].Count == 0 ? null : One(query["sni"], "sni"));
        }
        catch (FormatException wrong)
        {
            return AdminReply.ErrorAsync(context, StatusCodes.Status400BadRequest, wrong.Message);
        }
        // Read once: a swap in between must not give the steps of one model and the verdict of the next.
        var model = sources.Model();
        var explanation = Explainer.Answer(model, sources.Options(), question, Monotonic.Milliseconds);
        return AdminReply.JsonAsync(context, ExplainReply.Of(question, explanation, model.Generation), AdminJson.Default.ExplainReply);
    }

    private static Direction DirectionOf(Microsoft.Extensions.Primitives.StringValues values) => (values.Count == 0 ? "outbound" : One(values, "direction")) switch
    {
        "outbound" => Direction.Outbound,
        "inbound" => Direction.Inbound,
        var other => throw new FormatException($"direction '{other}' is not known; write outbound or inbound"),
    };

    private static string One(Microsoft.Extensions.Primitives.StringValues values, string key) => values is [{ } value]
        ? value
        : throw new FormatException($"'{key}' is {(values.Count == 0 ? "missing; add it" : "given more than once; give it once")}");
}
