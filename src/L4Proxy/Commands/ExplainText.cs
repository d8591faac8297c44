using System.Globalization;
using L4Proxy.Admin;

namespace L4Proxy.Commands;

/// <summary>An explanation for people: what is decided is numbered, what it rests on stands below it.</summary>
internal static class ExplainText
{
    public static IEnumerable<string> Lines(ExplainReply reply)
    {
        yield return $"{reply.Direction} to {reply.To}{Caller(reply)}{(reply.Sni is null ? "" : $", SNI {reply.Sni}")}";
        var number = 0;
        foreach (var step in reply.Steps)
        {
            var head = step.Depth == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{++number,2}. ")
                : new string(' ', 2 + 2 * step.Depth);
            yield return head + step.Text + Place(step.By);
        }
        yield return Verdict(reply);
    }

    /// <summary><c>deny (policyDenied) by demo/deny-web#0 (policies.yaml:12)</c>, or <c>allow to web.demo.svc.cluster.local:80</c>.</summary>
    public static string Outcome(ExplainReply reply) =>
        reply.Verdict + (reply.Reason is null ? "" : $" ({reply.Reason})")
        + (reply.Route is null ? "" : $", route {reply.Route}")
        + (reply.Rule is null ? "" : $", rule {reply.Rule}")
        + Place(reply.By);

    /// <summary>A place as editors open it, in brackets; nothing where nothing is written.</summary>
    public static string Place(OriginReply? by) => by is null ? ""
        : by.File is null ? $" [{by.Kind} {by.Id}]"
        : string.Create(CultureInfo.InvariantCulture, $" [{by.Kind} {by.Id}, {by.File}:{by.Line}]");

    private static string Verdict(ExplainReply reply) => $"verdict: {Outcome(reply)}";

    private static string Caller(ExplainReply reply) => (reply.Peer, reply.Source) switch
    {
        (null, null) => reply.Direction == "inbound" ? " from a caller in clear" : "",
        ({ } peer, null) => $" from {peer}",
        (null, { } source) => $" from {source}{(reply.Direction == "inbound" ? " in clear" : "")}",
        var (peer, source) => $" from {peer} at {source}",
    };
}
