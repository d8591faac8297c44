using System.Text;
using System.Text.Json;
using L4Proxy.Core.Connections;
using L4Proxy.Telemetry;

namespace L4Proxy.Tests.Telemetry;

public sealed class AccessLogLineTests
{
    private static readonly DateTime _closedAt = new DateTime(2026, 11, 20, 23, 10, 0, DateTimeKind.Utc).AddTicks(1_239_999);

    [Fact]
    public void A_full_record_has_every_key_in_order() => Assert.Equal("""
        {"time":"2026-11-20T23:10:00.123Z","id":"abc-7","direction":"outbound","downstream":"10.0.0.5:43210",
        "originalDestination":"10.96.0.1:6379","upstream":"[fd00::a]:6379","protocol":"redis","sni":"outbound_.6379_._.store.demo.svc.cluster.local",
        "alpn":"istio","peerIdentity":"spiffe://cluster.local/ns/demo/sa/store","localIdentity":"spiffe://cluster.local/ns/demo/sa/shop","tlsVersion":"1.3",
        "verdict":"allow","rule":"demo/let-shop#1","dryRun":"deny demo/deny-store#0","audit":"demo/watch#2",
        "route":"store.demo.svc.cluster.local:6379/v2","attempts":3,
        "bytesToUpstream":1234,"bytesToDownstream":9876543210,"spliced":true,"connectMs":0.003,"handshakeMs":1.500,"firstByteMs":0.010,"totalMs":2.500,
        "phase":"splicing","endedBy":"upstream","reason":"upstreamReset","detail":"as the peer said","errno":"ECONNRESET"}
        """.ReplaceLineEndings("") + "\n", Format(ConnectionRecords.Full()));

    [Fact]
    public void A_connection_refused_at_the_door_leaves_out_what_never_happened() => Assert.Equal("""
        {"time":"2026-11-20T23:10:00.123Z","id":"abc-1","direction":"inbound","downstream":"[::1]:5","bytesToUpstream":0,
        "bytesToDownstream":0,"spliced":false,"totalMs":0.000,"phase":"accepted","endedBy":"proxy","reason":"connectionLimit"}
        """.ReplaceLineEndings("") + "\n", Format(ConnectionRecords.Minimal()));

    [Fact]
    public void A_denial_for_want_of_an_allow_names_no_rule_and_the_first_attempt_is_not_worth_a_word()
    {
        var record = new ConnectionRecord(1, Direction.Inbound, ConnectionRecords.Minimal().Downstream, ConnectionRecords.Minimal().Listener, 1)
        {
            Policy = new PolicyFacts(IsAllowed: false, Rule: null),
            Attempts = 1,
        };
        record.End(CloseReason.PolicyDenied);
        record.Close(2);

        Assert.Contains("""
            "downstream":"[::1]:5","verdict":"deny","bytesToUpstream":0,
            """, Format(record), StringComparison.Ordinal);
    }

    [Fact]
    public void An_errno_without_a_name_is_a_number() =>
        Assert.EndsWith(""","errno":523}""" + "\n", Format(ConnectionRecords.Minimal(errno: 523)), StringComparison.Ordinal);

    [Fact]
    public void Control_characters_and_quotes_are_escaped_and_the_line_stays_one_line()
    {
        var line = Format(ConnectionRecords.Minimal(), "a\n\r\t\0\u001b\"\\ü\u2028<");

        Assert.Equal(1, line.Count(letter => letter == '\n'));
        Assert.Equal("a\n\r\t\0\u001b\"\\ü\u2028<-1", JsonDocument.Parse(line).RootElement.GetProperty("id").GetString());
        Assert.DoesNotContain(line.TrimEnd('\n'), char.IsControl);
    }

    [Fact]
    public void Every_reason_phase_direction_and_side_has_its_word()
    {
        foreach (var direction in Enum.GetValues<Direction>())
        {
            foreach (var reason in CloseReasons.All)
            {
                var record = new ConnectionRecord(1, direction,
                    ConnectionRecords.Minimal().Downstream, ConnectionRecords.Minimal().Listener, 1);
                record.End(reason);
                record.Close(2);
                var root = JsonDocument.Parse(Format(record)).RootElement;
                Assert.Equal(reason.Label(), root.GetProperty("reason").GetString());
                Assert.Equal(direction.ToString(), root.GetProperty("direction").GetString(), ignoreCase: true);
                Assert.Equal(reason.Side().ToString(), root.GetProperty("endedBy").GetString(), ignoreCase: true);
            }
        }
        Assert.All(Enum.GetValues<Phase>(), phase => Assert.Equal(phase.ToString(), phase.Label(), ignoreCase: true));
    }

    private static string Format(ConnectionRecord record, string instance = "abc")
    {
        using var line = new AccessLogLine();
        return Encoding.UTF8.GetString(line.Format(record, _closedAt, instance));
    }
}
