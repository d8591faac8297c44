using System.Net;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Explain;

/// <summary>One connection of a fixture, and what must become of it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Question">The connection.</param>
/// <param name="Expect">Inbound: <c>allow</c> or <c>deny</c>; outbound: the route, as the access log has it.</param>
/// <param name="Rule">The rule that must decide; empty: none may; null: it does not matter.</param>
internal sealed record FixtureCase(string Name, int Line, ExplainQuestion Question, string Expect, string? Rule)
{
    /// <returns>Null when it is neither inbound nor outbound; that is said.</returns>
    public static FixtureCase? Read(Section section)
    {
        var name = section.Required("name", "", "shop may call web", text => text);
        var line = section.Position.Line;
        if (section.Has("to") == section.Has("call"))
        {
            section.Fail(section.Has("to") ? "has both to and call; a connection runs one way" : "has neither to (inbound) nor call (outbound); add one, such as to: \"10.0.0.1:80\"");
            // Asked for, so that they are not said to be unknown as well.
            _ = (section.Has("from"), section.Has("source"), section.Has("remote"), section.Has("sni"), section.Has("expect"), section.Has("rule"));
            return null;
        }
        return section.Has("to") ? Inbound(section, name, line) : Outbound(section, name, line);
    }

    /// <summary>Whether it became what it must.</summary>
    public bool Holds(Explanation explanation) => Question.Direction == Direction.Outbound
        ? explanation.Route == Expect
        : explanation.IsAllowed == (Expect == "allow") && (Rule is null || Rule == (explanation.Rule ?? ""));

    private static FixtureCase Inbound(Section section, string name, int line)
    {
        var question = new ExplainQuestion(Direction.Inbound, section.EndPoint("to", "10.0.0.1:80"))
        {
            Peer = section.Value<SpiffeId?>("from", null, QuestionText.Peer),
            Source = section.Value<IPAddress?>("source", null, QuestionText.Address),
            Remote = section.Value<IPAddress?>("remote", null, QuestionText.Address),
            ServerName = section.Value<string?>("sni", null, PeerText.ServerName),
        };
        var expect = section.Required("expect", "", "allow", text => text is "allow" or "deny"
            ? text
            : throw new FormatException($"'{text}' is not a verdict; write allow or deny"));
        return new(name, line, question, expect, section.Value<string?>("rule", null, RuleId));
    }

    private static FixtureCase Outbound(Section section, string name, int line)
    {
        foreach (var inbound in (string[])["from", "source", "remote", "rule"])
        {
            section.Refuse(inbound, "belongs to inbound cases; remove it, or write to instead of call");
        }
        var question = new ExplainQuestion(Direction.Outbound, section.EndPoint("call", "10.96.0.10:80"))
        {
            ServerName = section.Value<string?>("sni", null, PeerText.ServerName),
        };
        return new(name, line, question, section.Required("expect", "", "web.demo.svc.cluster.local:80", text => text), Rule: null);
    }

    private static string RuleId(string text) => text.Length == 0 || (text.Contains('/', StringComparison.Ordinal) && text.Contains('#', StringComparison.Ordinal))
        ? text
        : throw new FormatException($"'{text}' is not a rule; write its namespace, its policy's name and its number, such as demo/deny-web#0, or \"\" for none");
}
