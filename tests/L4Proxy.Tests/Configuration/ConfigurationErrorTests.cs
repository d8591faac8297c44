namespace L4Proxy.Tests.Configuration;

/// <summary>One error each, word for word: the text is the user interface.</summary>
public sealed class ConfigurationErrorTests
{
    private const string Good = "capture: {outbound: 15001, inbound: 15006}\n";

    [Theory]
    // Keys
    [InlineData("timouts: {}", "2:1: timouts: unknown key; did you mean 'timeouts'?")]
    [InlineData("timeouts: {conect: 5s}", "2:12: timeouts.conect: unknown key; did you mean 'connect'?")]
    [InlineData("timeouts: {tunnel: 5s}", "2:12: timeouts.tunnel: unknown key; known here: connect, detection, drain, halfClose, handshake, idle, preDrain")]
    [InlineData("timeouts: {halfclose: 5s}", "2:12: timeouts.halfclose: unknown key; did you mean 'halfClose'?")]
    [InlineData("health: 1\nhealth: 2", "3:1: health: written twice, first at t.yaml:2:1; keep one of them")]
    [InlineData("health:", "2:8: health: has no value; give it one or remove the key")]
    [InlineData("health: [15021]", "2:9: health: is a list where a single value belongs; write one value")]
    [InlineData("health: {port: 15021}", "2:9: health: is a mapping where a single value belongs; write one value")]
    [InlineData("timeouts: 5s", "2:11: timeouts: is not a mapping; write keys and values below it, or remove it")]
    [InlineData("forward: {listen: \"127.0.0.1:1\"}", "2:10: forward: is not a list; write [one, two] or lines that begin with '-'")]
    [InlineData("forward: *x", "2:10: forward: YAML aliases are not supported; write the value out")]
    [InlineData("timeouts: *x", "2:11: timeouts: YAML aliases are not supported; write the value out")]
    [InlineData("forward: [\"127.0.0.1:1\"]", "2:11: forward[0]: is not a mapping; write keys and values below it, or remove it")]
    // Durations
    [InlineData("timeouts: {connect: 5}", "2:21: timeouts.connect: '5' has no unit; write 5s for seconds, or use ms, m or h")]
    [InlineData("timeouts: {connect: 5sec}", "2:21: timeouts.connect: '5sec' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("timeouts: {connect: 1.5s}", "2:21: timeouts.connect: '1.5s' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("timeouts: {connect: -1s}", "2:21: timeouts.connect: '-1s' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("timeouts: {connect: \"\"}", "2:21: timeouts.connect: '' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("timeouts: {connect: 0s}", "2:21: timeouts.connect: '0s' is zero, which is not a way to switch it off; write at least 1ms")]
    [InlineData("timeouts: {idle: 1177h}", "2:18: timeouts.idle: '1177h' is too long; timers stop at 49 days, so write at most 1176h")]
    [InlineData("timeouts: {idle: 99999999999999999999s}", "2:18: timeouts.idle: '99999999999999999999s' is too long; timers stop at 49 days, so write at most 1176h")]
    // Ports, numbers, words, addresses
    [InlineData("health: 0", "2:9: health: '0' is not a port; write a number from 1 to 65535")]
    [InlineData("health: 65536", "2:9: health: '65536' is not a port; write a number from 1 to 65535")]
    [InlineData("health: 0x3a", "2:9: health: '0x3a' is not a port; write a number from 1 to 65535")]
    [InlineData("health: 015021", "2:9: health: '015021' is not a port; write a number from 1 to 65535")]
    [InlineData("telemetry: {metrics: [15020, off]}", "2:30: telemetry.metrics[1]: 'off' is not a port; write a number from 1 to 65535")]
    [InlineData("telemetry: {accessLog: {path: log.json}}", "2:31: telemetry.accessLog.path: 'log.json' is not an absolute path; write one that begins with /")]
    [InlineData("telemetry: {accessLog: {format: jsn}}", "2:33: telemetry.accessLog.format: 'jsn' is not accepted; did you mean 'json'?")]
    [InlineData("transport: {eventLoops: 65}", "2:25: transport.eventLoops: '65' is not accepted; write a whole number from 1 to 64, or auto")]
    [InlineData("transport: {splice: on}", "2:21: transport.splice: 'on' is not accepted; known here: adaptive, off")]
    [InlineData("limits: {maxConnections: 0}", "2:26: limits.maxConnections: '0' is not accepted; write a whole number from 1 to 2147483647, or auto")]
    [InlineData("forward: [{listen: \"localhost:80\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: 'localhost' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"127.1:80\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: '127.1' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"[127.0.0.1]:80\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: '[127.0.0.1]' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"::1\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: '::1' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"[::1]\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: '[::1]' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"10.0.0.1\", upstream: \"10.0.0.1:80\"}]", "2:20: forward[0].listen: '10.0.0.1' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("forward: [{listen: \"127.0.0.1:80\"}]", "2:11: forward[0].upstream: is missing; add it, such as upstream: \"127.0.0.1:9000\"")]
    [InlineData("workload: {namespace: Web}", "2:23: workload.namespace: 'Web' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("workload: {namespace: \"\"}", "2:23: workload.namespace: '' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("workload: {trustDomain: \"spiffe://a\"}", "2:25: workload.trustDomain: 'spiffe://a' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://")]
    [InlineData("workload: {labels: {app: \"a b\"}}", "2:26: workload.labels.app: 'a b' is not a Kubernetes label value; use letters, digits, '-', '_' and '.', at most 63")]
    // Environment
    [InlineData("health: ${NOPE}", "2:9: health: environment variable NOPE is not set; set it or give a default: ${NOPE:-...}")]
    [InlineData("health: ${1}", "2:9: health: '${1}' does not name an environment variable; write ${NAME} or ${NAME:-default}, or $${ for a literal ${")]
    [InlineData("health: \"${A\"", "2:9: health: '${A' has no closing brace; write ${NAME}, or $${ for a literal ${")]
    [InlineData("health: ${A:-${B}}", "2:9: health: the default of ${A:-...} contains another variable; only plain text can be a default")]
    // YAML we do not take
    [InlineData("health: &port 15021", "2:9: health: YAML anchors are not supported; write the value out where it is needed")]
    [InlineData("health: !!int 15021", "2:9: health: YAML tags are not supported; remove it")]
    [InlineData("---\nhealth: 1", "2:1: a second YAML document begins here; the configuration is one document, so remove the '---' and what follows")]
    // What several keys mean together
    [InlineData("health: 15006", "2:9: health: port 15006 is already used by capture.inbound (t.yaml:1:37); give one of them another port")]
    [InlineData("telemetry: {metrics: [15021]}", "2:23: telemetry.metrics[0]: port 15021 is already used by health (its default); give one of them another port")]
    [InlineData("telemetry: {metrics: [9, 9]}", "2:26: telemetry.metrics[1]: port 9 is already used by telemetry.metrics[0] (t.yaml:2:23); give one of them another port")]
    [InlineData("forward: [{listen: \"10.0.0.1:15000\", upstream: \"10.0.0.2:80\"}]", "2:20: forward[0].listen: port 15000 is already used by admin (its default); give one of them another port")]
    [InlineData("forward: [{listen: \"127.0.0.1:80\", upstream: \"127.0.0.1:80\"}]", "2:46: forward[0].upstream: '127.0.0.1:80' is this proxy's own forward[0].listen, so the connection would come back; name another upstream")]
    [InlineData("forward: [{listen: \"0.0.0.0:80\", upstream: \"127.0.0.1:80\"}]", "2:44: forward[0].upstream: '127.0.0.1:80' is this proxy's own forward[0].listen, so the connection would come back; name another upstream")]
    [InlineData("forward: [{listen: \"127.0.0.1:80\", upstream: \"[::1]:15000\"}]", "2:46: forward[0].upstream: '[::1]:15000' is this proxy's own admin, so the connection would come back; name another upstream")]
    [InlineData("forward: [{listen: \"127.0.0.1:80\", upstream: \"0.0.0.0:81\"}]", "2:46: forward[0].upstream: '0.0.0.0:81' is the wildcard address and cannot be dialled; write the address of the upstream")]
    [InlineData("forward: [{listen: \"0.0.0.0:80\", upstream: \"10.0.0.2:80\"}, {listen: \"10.0.0.1:80\", upstream: \"10.0.0.2:80\"}]", "2:69: forward[1].listen: port 80 is already used by forward[0].listen (t.yaml:2:20); give one of them another port")]
    [InlineData("telemetry: {metrics: [*a, 0]}", "2:23: telemetry.metrics[0]: YAML aliases are not supported; write the value out\nt.yaml:2:27: telemetry.metrics[1]: '0' is not a port; write a number from 1 to 65535")]
    [InlineData("timeouts: {preDrain: 5s, drain: 5s}", "2:33: timeouts.drain: drain (5s) ends before preDrain (5s) is over; make drain longer than preDrain")]
    [InlineData("timeouts: {idle: 10s, halfClose: 20s}", "2:34: timeouts.halfClose: is never reached because idle (10s) ends the connection first; make it shorter than idle or remove it")]
    [InlineData("limits: {maxConnections: 9630}", "2:26: limits.maxConnections: 9630 connections do not fit, 9629 do = (20000 open files - 230 in reserve - 512 for pipes) / 2 per connection; write at most 9629 or raise RLIMIT_NOFILE (ulimit -n) to 20002", "transport: {eventLoops: 1}")]
    [InlineData("limits: {maxConnections: 9, handshakesInFlight: 10}", "2:49: limits.handshakesInFlight: 10 is never reached because at most 9 connections are admitted; write less, or auto")]
    [InlineData("timeouts: {detection: 5s}", "2:23: timeouts.detection: handshake (5s) ends before detection (5s) is over; make detection shorter than handshake")]
    [InlineData("timeouts: {handshake: 200ms}", "2:23: timeouts.handshake: handshake (200ms) ends before detection (200ms) is over; make detection shorter than handshake")]
    // Known by name, not honoured by this build
    [InlineData("identity: {source: workloadApi}", "2:20: identity.source: 'workloadApi' is not possible: this build takes its certificate from files and asks no agent for one; write files or none")]
    [InlineData("identity: {source: file}", "2:20: identity.source: 'file' is not accepted; did you mean 'files'?")]
    [InlineData("mesh: {outboundTrafficPolicy: REGISTRY}", "2:31: mesh.outboundTrafficPolicy: 'REGISTRY' is not accepted; known here: ALLOW_ANY, REGISTRY_ONLY")]
    [InlineData("mesh: {resources: etc/x}", "2:19: mesh.resources: 'etc/x' is not an absolute path; write one that begins with /")]
    [InlineData("mesh: {onPolicyChange: close}", "2:24: mesh.onPolicyChange: 'close' is not accepted; known here: cut, drain, keep")]
    [InlineData("workload: {locality: a/b/c/d}", "2:22: workload.locality: 'a/b/c/d' is not a locality; write region, region/zone or region/zone/subzone")]
    [InlineData("timeouts: {handshake: 5}", "2:23: timeouts.handshake: '5' has no unit; write 5s for seconds, or use ms, m or h")]
    [InlineData("limits: {maxConnectionsPerDestination: -1}", "2:40: limits.maxConnectionsPerDestination: '-1' is not accepted; write a whole number from 0 to 2147483647")]
    public void One_mistake_is_one_error_at_its_place(string mistake, string error, string rest = "") =>
        Assert.Equal($"t.yaml:{error}", string.Join('\n', Yaml.Errors($"{Good}{mistake}\n{rest}")));

    [Theory]
    [InlineData("", "1:1: the file is empty; write at least a 'capture' or a 'forward' section")]
    [InlineData("# only a comment\n", "1:1: the file is empty; write at least a 'capture' or a 'forward' section")]
    [InlineData("hello", "1:1: the file is not a mapping; write keys such as 'capture: {outbound: 15001}'")]
    [InlineData("health: 1", "1:1: nothing to do: neither capture nor forward makes the proxy listen; add 'capture: {outbound: 15001, inbound: 15006}' or an entry under 'forward'")]
    [InlineData("forward: []", "1:10: nothing to do: neither capture nor forward makes the proxy listen; add 'capture: {outbound: 15001, inbound: 15006}' or an entry under 'forward'")]
    [InlineData("capture: {}", "1:10: capture: names neither outbound nor inbound, so nothing would be captured; add one of them or remove the section")]
    [InlineData("capture: {outbound: 15001, proxyProtocol: {send: v2}}", "1:43: capture.proxyProtocol: has no effect without capture.inbound: it is spoken there; add inbound or remove proxyProtocol")]
    [InlineData("capture: {outbound: 15001, mode: tproxy}", "1:34: capture.mode: 'tproxy' has no effect without capture.inbound; add inbound or remove mode")]
    [InlineData("capture: {inbound: 15006, guests: true}", "1:35: capture.guests: has no effect without capture.outbound: guests are captured there; add outbound or remove guests")]
    [InlineData("capture: {inbound: 15006, guests: yes}", "1:35: capture.guests: 'yes' is neither true nor false; write one of them")]
    [InlineData("capture: *x", "1:10: capture: YAML aliases are not supported; write the value out")]
    [InlineData("capture: outbound: 1", "1:18: not valid YAML: while scanning a plain scalar value, found invalid mapping; correct the syntax here or just above")]
    [InlineData("capture: [1\nb: 2", "1:10: not valid YAML: the text after this place cannot be read, perhaps a bracket or a quote is not closed; correct the syntax here or just above")]
    [InlineData("capture: {inbound: ${PORT}}", "1:21: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'; a ${VAR} inside { } or [ ] must be quoted, as in \"${VAR}\"")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[", "1:18: not valid YAML: nested deeper than 16 levels; correct the syntax here or just above")]
    [InlineData("{{a: 1}: 2}", "1:2: not valid YAML: a key must be a plain word; correct the syntax here or just above")]
    public void A_file_that_makes_no_sense_is_one_error(string text, string error) => Assert.Equal([$"t.yaml:{error}"], Yaml.Errors(text));

    [Fact]
    public void All_mistakes_are_said_at_once_from_top_to_bottom() => Assert.Equal(
        [
            "t.yaml:1:21: capture.outbound: '99999' is not a port; write a number from 1 to 65535",
            "t.yaml:2:1: helth: unknown key; did you mean 'health'?",
            "t.yaml:4:13: forward[0].listen: '127.0.0.1' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000",
            "t.yaml:5:15: forward[0].upstream: environment variable UPSTREAM is not set; set it or give a default: ${UPSTREAM:-...}",
            "t.yaml:6:21: timeouts.connect: '5' has no unit; write 5s for seconds, or use ms, m or h",
            "t.yaml:6:34: timeouts.idle: written twice, first at t.yaml:6:24; keep one of them",
            "t.yaml:7:8: admin: port 15020 is already used by telemetry.metrics[0] (its default); give one of them another port",
        ],
        Yaml.Errors("""
            capture: {outbound: 99999}
            helth: 15021
            forward:
              - listen: 127.0.0.1
                upstream: ${UPSTREAM}
            timeouts: {connect: 5, idle: 1m, idle: 3s}
            admin: 15020
            """));
}
