using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Tests.Configuration;

public sealed class ConfigurationLoaderTests
{
    /// <summary>Every key with a value that is also its default where no certificate is mounted.</summary>
    internal const string Example = """
        workload: {name: "${POD_NAME:-}", namespace: "${POD_NAMESPACE:-default}", serviceAccount: "${SERVICE_ACCOUNT:-default}", trustDomain: cluster.local, labels: {app: web}}
        capture:  {outbound: 15001, inbound: 15006}          # omit one to switch that direction off
        identity: {source: none}
        mesh:
          mtls: DISABLE
          minTlsVersion: "1.3"
          outboundTrafficPolicy: ALLOW_ANY
        forward:                                             # static listeners
          - {listen: "127.0.0.1:8001", upstream: "127.0.0.1:9000", tls: none}
        timeouts: {connect: 5s, handshake: 5s, detection: 200ms, idle: 0s, halfClose: 30s, preDrain: 0s, drain: 25s}
        limits:   {maxConnections: auto, maxConnectionsPerDestination: 0, handshakesInFlight: auto}
        telemetry: {accessLog: {path: /dev/stdout, format: json}, metrics: [15020, 15090]}
        transport: {eventLoops: auto, splice: adaptive}
        health: 15021
        admin: 15000
        """;

    [Fact]
    public void The_example_says_the_defaults_and_one_forward()
    {
        var written = Yaml.Options(Example);
        var shortest = Yaml.Options("capture: {outbound: 15001, inbound: 15006}");

        Assert.Equal("workload.labels forward[127.0.0.1:8001]", string.Join(' ', ConfigurationChange.Between(shortest, written).Select(change => change.Path)));
        var forward = Assert.Single(written.Forward);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8001"), forward.Listen);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:9000"), forward.Upstream);
        Assert.Equal("web", written.Workload.Labels["app"]);
    }

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = Yaml.Options("capture: {inbound: 15006}");

        Assert.Null(options.Capture.Outbound);
        Assert.Equal(CaptureMode.Redirect, options.Capture.Mode);
        Assert.False(options.Capture.Guests);
        Assert.Equal(("", "default", "default", "cluster.local"),
            (options.Workload.Name, options.Workload.Namespace, options.Workload.ServiceAccount, options.Workload.TrustDomain));
        Assert.Equal(new TimeoutOptions
        {
            Connect = TimeSpan.FromSeconds(5),
            Handshake = TimeSpan.FromSeconds(5),
            Detection = TimeSpan.FromMilliseconds(200),
            Idle = TimeSpan.Zero,
            HalfClose = TimeSpan.FromSeconds(30),
            PreDrain = TimeSpan.Zero,
            Drain = TimeSpan.FromSeconds(25),
        }, options.Timeouts);
        Assert.Equal(new LimitOptions { MaxConnections = null, HandshakesInFlight = null }, options.Limits);
        Assert.Equal("/dev/stdout", options.Telemetry.AccessLog.Path);
        Assert.Equal([15020, 15090], options.Telemetry.Metrics);
        Assert.Equal(new TransportOptions { EventLoops = null, Splice = SpliceMode.Adaptive }, options.Transport);
        Assert.Equal((15021, 15000), (options.Health, options.Admin));
        Assert.Equal(new IdentityOptions(), options.Identity);
        Assert.Equal(new MeshOptions { Mtls = MtlsMode.Disable, MinTlsVersion = MinTlsVersion.Tls13 }, options.Mesh);
        Assert.Equal(new ProxyProtocolOptions(), options.Capture.ProxyProtocol);
    }

    [Fact]
    public void Every_value_can_be_set()
    {
        var options = Yaml.Options("""
            workload: {name: web-1, namespace: shop, serviceAccount: web, trustDomain: example.org}
            capture: {outbound: 1, inbound: 2, mode: tproxy, guests: true}
            forward:
              - {listen: "[::]:3", upstream: "[2001:db8::1]:4"}
              - listen: 0.0.0.0:5
                upstream: "[::ffff:10.0.0.1]:6"
            timeouts: {connect: 250ms, handshake: 2s, detection: 1s, idle: 1h, halfClose: 1m, preDrain: 0s, drain: 1176h}
            limits: {maxConnections: 100, handshakesInFlight: 10}
            telemetry: {accessLog: {path: /var/log/a.json}, metrics: []}
            transport: {eventLoops: 64, splice: off}
            health: 7
            admin: 8
            """);

        Assert.Equal(("web-1", "shop", "web", "example.org"),
            (options.Workload.Name, options.Workload.Namespace, options.Workload.ServiceAccount, options.Workload.TrustDomain));
        Assert.Equal(new CaptureOptions { Outbound = 1, Inbound = 2, Mode = CaptureMode.Tproxy, Guests = true }, options.Capture);
        Assert.Equal("[::]:3 [2001:db8::1]:4, 0.0.0.0:5 10.0.0.1:6", string.Join(", ", options.Forward.Select(forward => $"{forward.Listen} {forward.Upstream}")));
        Assert.Equal(new TimeoutOptions
        {
            Connect = TimeSpan.FromMilliseconds(250),
            Handshake = TimeSpan.FromSeconds(2),
            Detection = TimeSpan.FromSeconds(1),
            Idle = TimeSpan.FromHours(1),
            HalfClose = TimeSpan.FromMinutes(1),
            PreDrain = TimeSpan.Zero,
            Drain = TimeSpan.FromDays(49),
        }, options.Timeouts);
        Assert.Equal(new LimitOptions { MaxConnections = 100, HandshakesInFlight = 10 }, options.Limits);
        Assert.Equal("/var/log/a.json", options.Telemetry.AccessLog.Path);
        Assert.Empty(options.Telemetry.Metrics);
        Assert.Equal(new TransportOptions { EventLoops = 64, Splice = SpliceMode.Off }, options.Transport);
        Assert.Equal((7, 8), (options.Health, options.Admin));
    }

    [Fact]
    public void Two_forwards_may_share_a_port_on_different_addresses() => Assert.Equal(2, Yaml.Options("""
        forward:
          - {listen: "127.0.0.1:80", upstream: "10.0.0.1:80"}
          - {listen: "127.0.0.2:80", upstream: "10.0.0.1:80"}
        """).Forward.Count);

    [Fact]
    public void A_remote_upstream_may_use_one_of_our_port_numbers() =>
        Assert.Single(Yaml.Options("""forward: [{listen: "0.0.0.0:15001", upstream: "10.0.0.1:15001"}]""").Forward);

    [Theory]
    [InlineData("${NAME}", "value")]
    [InlineData("${NAME:-other}", "value")]
    [InlineData("${UNSET:-other}", "other")]
    [InlineData("${EMPTY:-other}", "other")]
    [InlineData("${UNSET:-}", "")]
    [InlineData("${EMPTY}", "")]
    [InlineData("/a/${NAME}/${NAME}.log", "/a/value/value.log")]
    [InlineData("$${NAME}", "${NAME}")]
    [InlineData("$${NAME} is ${NAME}", "${NAME} is value")]
    [InlineData("$NAME costs 5$", "$NAME costs 5$")]
    [InlineData("${UNSET:-a:-b}", "a:-b")]
    [InlineData("${NESTED}", "${NAME}")]
    public void Variables_are_filled_in_once(string text, string expanded) => Assert.Equal(expanded, EnvironmentExpansion.Expand(text, name => name switch
    {
        "NAME" => "value",
        "EMPTY" => "",
        "NESTED" => "${NAME}",
        _ => null,
    }));

    [Fact]
    public void A_variable_can_stand_for_a_port_a_duration_and_part_of_an_address()
    {
        var options = Yaml.Options("""
            capture: {outbound: "${OUT}", inbound: "${IN:-15006}"}
            timeouts: {connect: "${SECONDS}s"}
            forward: [{listen: "127.0.0.1:${PORT}", upstream: "${HOST:-127.0.0.1}:9000"}]
            """, ("OUT", "16001"), ("SECONDS", "7"), ("PORT", "8001"));

        Assert.Equal((16001, 15006), (options.Capture.Outbound, options.Capture.Inbound));
        Assert.Equal(TimeSpan.FromSeconds(7), options.Timeouts.Connect);
        Assert.Equal("127.0.0.1:8001 127.0.0.1:9000", $"{options.Forward[0].Listen} {options.Forward[0].Upstream}");
    }

    [Fact]
    public void A_variable_cannot_smuggle_in_yaml()
    {
        var result = ConfigurationLoader.Parse(
            new ConfigurationFile("t.yaml", "capture: {inbound: \"${PORT}\"}", "fingerprint", Error: null), _ => "15006, outbound: 15001", Yaml.OpenFiles, _ => false);

        Assert.Equal("t.yaml:1:20: capture.inbound: '15006, outbound: 15001' is not a port; write a number from 1 to 65535", Assert.Single(result.Errors).ToString());
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("1ms")]
    [InlineData("1500ms")]
    [InlineData("59s")]
    [InlineData("90s")]
    [InlineData("1m")]
    [InlineData("1176h")]
    public void A_duration_reads_back_as_it_was_written(string text) => Assert.Equal(text, ScalarText.Format(ScalarText.Duration(text, zero: "off")));
}
