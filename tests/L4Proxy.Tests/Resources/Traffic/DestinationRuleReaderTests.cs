using L4Proxy.Core.Routing;
using L4Proxy.Resources.Traffic;

namespace L4Proxy.Tests.Resources.Traffic;

public sealed class DestinationRuleReaderTests
{
    private const string Full = """

          host: Web
          trafficPolicy:
            loadBalancer:
              consistentHash: {useSourceIp: true}
              localityLbSetting: {enabled: true, failover: [{from: eu, to: us}]}
            connectionPool:
              tcp:
                maxConnections: 100
                connectTimeout: 1.5s
                tcpKeepalive: {probes: 3, time: 1h30m, interval: 100ms}
            outlierDetection:
              consecutive5xxErrors: 7
              consecutiveGatewayErrors: 4
              interval: 5m
              baseEjectionTime: 15m
              maxEjectionPercent: 30
            tls:
              mode: MUTUAL
              sni: web.example.com
              caCertificates: /etc/certs/ca.pem
              clientCertificate: /etc/certs/client.pem
              privateKey: /etc/certs/key.pem
              subjectAltNames: [web.example.com]
            portLevelSettings:
            - port: {number: 81}
              loadBalancer: {simple: ROUND_ROBIN}
          subsets:
          - name: v1
            labels: {version: v1}
          - name: v2
            labels: {version: v2}
            trafficPolicy:
              tls: {mode: ISTIO_MUTUAL}
          workloadSelector: {matchLabels: {app: shop}}
          exportTo: ["*"]
        """;

    [Fact]
    public void Every_field_of_a_destination_rule_is_in_its_normal_form()
    {
        var rule = OneResource.Of<DestinationRule>(Full);

        Assert.Equal("web.demo.svc.cluster.local", rule.Host);
        Assert.Equal("shop", rule.Selector.Labels["app"]);
        Assert.Equal("*", string.Join(' ', rule.ExportTo));

        var policy = rule.Policy;
        Assert.Equal((LoadBalancer.SourceHash, true, 8), (policy.LoadBalancing!.Algorithm, policy.LoadBalancing.IsLocalityAware, policy.LoadBalancing.Line));
        Assert.Equal("us", policy.LoadBalancing.Failover["eu"]);
        Assert.Equal((100, TimeSpan.FromSeconds(1.5)), (policy.ConnectionPool!.MaxConnections, policy.ConnectionPool.ConnectTimeout));
        Assert.Equal(new TcpKeepAlive(3, 5400, 1), policy.ConnectionPool.KeepAlive);
        Assert.Equal(
            new OutlierDetection(4, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15), 30, 16), policy.OutlierDetection);
        Assert.Equal((UpstreamTlsMode.Mutual, "web.example.com"), (policy.Tls!.Mode, policy.Tls.Sni));
        Assert.Equal(
            ("/etc/certs/ca.pem", "/etc/certs/client.pem", "/etc/certs/key.pem"),
            (policy.Tls.CaCertificates, policy.Tls.ClientCertificate, policy.Tls.PrivateKey));
        Assert.Equal("web.example.com", string.Join(' ', policy.Tls.SubjectAltNames));
        Assert.Equal(LoadBalancer.RoundRobin, Assert.Single(policy.Ports).Value.LoadBalancing!.Algorithm);

        Assert.Equal([("v1", 32), ("v2", 34)], rule.Subsets.Select(subset => (subset.Name, subset.Line)));
        Assert.Null(rule.Subsets[0].Policy);
        Assert.Equal(UpstreamTlsMode.IstioMutual, rule.Subsets[1].Policy!.Tls!.Mode);
    }

    [Fact]
    public void What_is_not_written_is_absent()
    {
        var rule = OneResource.Of<DestinationRule>("{host: a.com}");

        Assert.Same(TrafficPolicy.None, rule.Policy);
        Assert.Empty(rule.Subsets);
    }

    [Theory]
    [InlineData("{}", 5)]
    [InlineData("{consecutive5xxErrors: 0}", 0)]
    [InlineData("{consecutive5xxErrors: 0, consecutiveGatewayErrors: 2}", 2)]
    [InlineData("{consecutiveGatewayErrors: 2, consecutiveLocalOriginFailures: 9, splitExternalLocalOriginErrors: true}", 2)]
    public void Of_the_failures_counted_the_smallest_number_counts(string detection, int expected) =>
        Assert.Equal(expected, OneResource.Of<DestinationRule>($"{{host: a.com, trafficPolicy: {{outlierDetection: {detection}}}}}")
            .Policy.OutlierDetection!.ConsecutiveFailures);

    [Theory]
    [InlineData("UNSPECIFIED", LoadBalancer.LeastConnection)]
    [InlineData("LEAST_CONN", LoadBalancer.LeastConnection)]
    [InlineData("LEAST_REQUEST", LoadBalancer.LeastConnection)]
    [InlineData("RANDOM", LoadBalancer.Random)]
    [InlineData("PASSTHROUGH", LoadBalancer.Passthrough)]
    public void Every_simple_balancer_has_its_own(string written, LoadBalancer expected) =>
        Assert.Equal(expected, OneResource.Of<DestinationRule>($"{{host: a.com, trafficPolicy: {{loadBalancer: {{simple: {written}}}}}}}")
            .Policy.LoadBalancing!.Algorithm);

    [Theory]
    [InlineData("1ms", 1)]
    [InlineData("100ms", 100)]
    [InlineData("1.5s", 1500)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1h1m1s1ms", 3_661_001)]
    [InlineData("2000us", 2)]
    public void Durations_are_read_as_Go_writes_them(string text, double milliseconds) =>
        Assert.Equal(milliseconds, DurationText.Parse(text).TotalMilliseconds);

    [Theory]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData("1.2.3s")]
    [InlineData("-1s")]
    [InlineData("1s ")]
    [InlineData("99999999999999999999h")]
    [InlineData("0s")]
    public void What_is_no_duration_is_refused(string text) => Assert.Throws<FormatException>(() => DurationText.Parse(text));

    [Fact]
    public void A_rule_that_moves_takes_the_lines_in_it_along()
    {
        var rule = OneResource.Of<DestinationRule>(Full);

        var moved = DestinationRuleReader.Move(rule, rule.Origin with { Line = 11 }, lines: 10);

        Assert.Equal([42, 44], moved.Subsets.Select(subset => subset.Line));
        Assert.Equal(rule.Policy.Tls!.Line + 10, moved.Policy.Tls!.Line);
        Assert.Equal(rule.Policy.Ports[81].LoadBalancing!.Line + 10, moved.Policy.Ports[81].LoadBalancing!.Line);
        Assert.Equal(rule.Subsets[1].Policy!.Tls!.Line + 10, moved.Subsets[1].Policy!.Tls!.Line);
    }
}
