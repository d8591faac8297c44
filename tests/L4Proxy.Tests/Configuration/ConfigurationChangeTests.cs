using System.Collections;
using System.Reflection;
using L4Proxy.Configuration;

namespace L4Proxy.Tests.Configuration;

public sealed class ConfigurationChangeTests
{
    private const string Start = """
        capture: {outbound: 15001, inbound: 15006}
        forward:
          - {listen: "127.0.0.1:8001", upstream: "10.0.0.1:80"}
          - {listen: "127.0.0.1:8002", upstream: "10.0.0.2:80"}

        """;

    private const string Other = """
        workload: {name: a, namespace: b, serviceAccount: c, trustDomain: d, labels: {e: f}, locality: here/a}
        capture: {outbound: 16001, inbound: 16006, mode: tproxy, guests: true, ipv6: false, proxyProtocol: {accept: [10.0.0.0/8], send: v2}}
        identity: {source: files, certificate: /c, privateKey: /k, trustBundle: /b, crl: /r, trustDomainAliases: [old], federatedBundles: {x.org: /x}}
        mesh:
          {mtls: STRICT, minTlsVersion: 1.2, resources: /r, rootNamespace: root, outboundTrafficPolicy: REGISTRY_ONLY, learnEgress: /l, policyDryRun: true,
           onPolicyChange: cut, policyChangeSpread: 2s, peers: [{destination: 10.0.0.0/8}]}
        forward: [{listen: "127.0.0.1:8001", upstream: "10.0.0.9:80", tls: originate, peer: "spiffe://d/a", sni: web, proxyProtocol: {accept: ["::/0"], send: v2}}]
        timeouts: {connect: 1s, handshake: 2s, detection: 1s, idle: 1m, halfClose: 1s, preDrain: 1s, drain: 2s}
        limits: {maxConnections: 10, handshakesInFlight: 9, maxConnectionsPerDestination: 8, maxConnectionsPerIdentity: 7, waitingPerDestination: 6}
        telemetry: {accessLog: {path: /a}, metrics: [16020]}
        transport: {eventLoops: 1, splice: off}
        health: 16021
        admin: 16000
        """;

    [Theory]
    [InlineData("timeouts: {connect: 2s}", "timeouts.connect 5s -> 2s: applies to new connections")]
    [InlineData("timeouts: {idle: 90s}", "timeouts.idle 0s -> 90s: applies to new connections")]
    [InlineData("timeouts: {drain: 1m}", "timeouts.drain 25s -> 1m: applies to the next drain")]
    [InlineData("limits: {maxConnections: 500}", "limits.maxConnections auto -> 500: applies to new connections")]
    [InlineData("transport: {eventLoops: 2}", "transport.eventLoops auto -> 2: needs a restart, ignored until then")]
    [InlineData("transport: {splice: off}", "transport.splice adaptive -> off: needs a restart, ignored until then")]
    [InlineData("telemetry: {metrics: []}", "telemetry.metrics [15020, 15090] -> []: needs a restart, ignored until then")]
    [InlineData("workload: {name: web}", "workload.name '' -> 'web': needs a restart, ignored until then")]
    [InlineData("health: 16021", "health 15021 -> 16021: needs a restart, ignored until then")]
    public void A_change_says_what_it_does(string addition, string expected) => Assert.Equal(expected, Describe(Start, Start + addition));

    [Theory]
    [InlineData("inbound: 15006", "inbound: 15016", "capture.inbound 15006 -> 15016: needs a restart, ignored until then")]
    [InlineData(", inbound: 15006", "", "capture.inbound 15006 -> off: needs a restart, ignored until then")]
    [InlineData("10.0.0.1:80", "10.0.0.3:81", "forward[127.0.0.1:8001].upstream 10.0.0.1:80 -> 10.0.0.3:81: applies to new connections")]
    [InlineData("127.0.0.1:8002", "127.0.0.1:8003",
        "forward[127.0.0.1:8002] 10.0.0.2:80 -> off: needs a restart, ignored until then\nforward[127.0.0.1:8003] off -> 10.0.0.2:80: needs a restart, ignored until then")]
    [InlineData("\"10.0.0.1:80\"", "\"10.0.0.1:80\", proxyProtocol: {accept: [10.0.0.0/8], send: v2}",
        "forward[127.0.0.1:8001].proxyProtocol.accept [] -> [10.0.0.0/8]: applies to new connections\nforward[127.0.0.1:8001].proxyProtocol.send none -> v2: applies to new connections")]
    [InlineData("# nothing", "# nothing at all", "")]
    public void An_edit_says_what_it_does(string before, string after, string expected) =>
        Assert.Equal(expected, Describe(Start, Start.Replace(before, after, StringComparison.Ordinal)));

    [Fact]
    public void Every_key_of_the_options_is_compared()
    {
        string[] compared = [.. OptionKey.All.Select(key => key.Path), "forward"];

        Assert.Equal(string.Join('\n', Leaves(typeof(ProxyOptions), "").Order(StringComparer.Ordinal)), string.Join('\n', compared.Order(StringComparer.Ordinal)));
        // All of them differ, except the format, which has one value only; and one forward in all its keys, the other in being there.
        Assert.Equal(OptionKey.All.Count - 1 + ForwardKey.All.Count + 1, ConfigurationChange.Between(Yaml.Options(Start), Yaml.Options(Other)).Count);
    }

    [Fact]
    public void What_applies_is_exactly_what_does_not_need_a_restart()
    {
        // With another source of identity all that is done with it waits; that is the next test.
        var running = Yaml.Options(Start) with { Identity = new() { Source = IdentitySource.Files } };
        var loaded = Yaml.Options(Other);
        var merged = ConfigurationChange.Apply(running, loaded);

        foreach (var key in OptionKey.All)
        {
            Assert.Equal(key.Value(key.Effect == ChangeEffect.Restart ? running : loaded), key.Value(merged));
        }
        Assert.Equal("127.0.0.1:8001 10.0.0.9:80, 127.0.0.1:8002 10.0.0.2:80", string.Join(", ", merged.Forward.Select(forward => $"{forward.Listen} {forward.Upstream}")));
        Assert.Equal("originate [spiffe://d/a] 'web' [::/0] v2", string.Join(' ', ForwardKey.All.Skip(1).Select(key => key.Value(merged.Forward[0]))));
        Assert.All(ConfigurationChange.Between(merged, loaded), change => Assert.Equal(ChangeEffect.Restart, change.Effect));
    }

    [Theory]
    [InlineData(Start, Other)]
    [InlineData(Other, Start)]
    public void What_is_done_with_an_identity_waits_for_the_restart_that_brings_or_takes_it(string before, string after)
    {
        var (running, loaded) = (Yaml.Options(before), Yaml.Options(after));
        var merged = ConfigurationChange.Apply(running, loaded);

        Assert.Equal(running.Mesh, merged.Mesh);
        Assert.Equal(running.Identity, merged.Identity);
        Assert.Equal((running.Forward[0].Tls, running.Forward[0].Peers, running.Forward[0].Sni), (merged.Forward[0].Tls, merged.Forward[0].Peers, merged.Forward[0].Sni));
        Assert.Equal((loaded.Forward[0].Upstream, loaded.Capture.ProxyProtocol), (merged.Forward[0].Upstream, merged.Capture.ProxyProtocol));
        Assert.Empty(ConfigurationLoader.Check(merged, "t.yaml", Yaml.OpenFiles));
        var changes = ConfigurationChange.Between(running, loaded).ToDictionary(change => change.Path, change => change.Effect, StringComparer.Ordinal);
        Assert.All(
            ["mesh.mtls", "mesh.minTlsVersion", "mesh.peers", "forward[127.0.0.1:8001].tls", "forward[127.0.0.1:8001].peers", "forward[127.0.0.1:8001].sni"],
            path => Assert.Equal(ChangeEffect.Restart, changes[path]));
        Assert.All(ConfigurationChange.Between(merged, loaded), change => Assert.Equal(ChangeEffect.Restart, change.Effect));
    }

    private static string Describe(string before, string after) =>
        string.Join('\n', ConfigurationChange.Between(Yaml.Options(before), Yaml.Options(after)));

    private static IEnumerable<string> Leaves(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var key = path + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            var isSection = property.PropertyType.Namespace == type.Namespace && property.PropertyType is { IsEnum: false } && !property.PropertyType.IsAssignableTo(typeof(IEnumerable));
            foreach (var leaf in isSection ? Leaves(property.PropertyType, key + ".") : [key])
            {
                yield return leaf;
            }
        }
    }
}
