using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.MeshTopology;
using static L4Proxy.Tests.Mesh.OutboundMesh;

namespace L4Proxy.Tests.Mesh;

/// <summary>An endpoint that fails is not the caller's business while there is another one.</summary>
public sealed class FailoverTests(OutboundMesh mesh) : IClassFixture<OutboundMesh>
{
    private const string InTurn = "loadBalancer: {simple: ROUND_ROBIN}, connectionPool: {tcp: {connectTimeout: 1s}}";

    private static readonly string _refusing = Web(External(1), $"ports: {{tcp: {Closed}}}");
    private static readonly string _lost = Web(External(BlackHole));
    private static readonly string _impostor = Web(External(1), $"ports: {{tcp: {Impostor}}}");
    private static readonly string _plaintext = Web(External(1), $"ports: {{tcp: {Plaintext}}}");

    public static TheoryData<string, string, string> Failures => new()
    {
        { "refusing", "10.96.0.20", _refusing },
        { "lost", "10.96.0.21", _lost },
        { "impostor", "10.96.0.22", _impostor },
        { "plaintext", "10.96.0.23", _plaintext },
    };

    public static TheoryData<string, string, string, string> Reasons => new()
    {
        { "only-refusing", "10.96.0.30", _refusing, "dialRefused" },
        { "only-lost", "10.96.0.31", _lost, "dialTimedOut" },
        { "only-impostor", "10.96.0.32", _impostor, "tlsSanMismatch" },
        { "only-plaintext", "10.96.0.33", _plaintext, "tlsPeerIsPlaintext" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task The_caller_reaches_another_endpoint_and_the_one_that_fails_is_left_alone_after_three_times(string host, string address, string failing)
    {
        await mesh.Shop.ApplyAsync(Service(host, address, failing, Web(WebAddress(0))) + Traffic(host, InTurn));
        var ejections = await mesh.Shop.Proxy.MetricAsync("l4proxy_endpoint_ejections_total");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Answer(0), await mesh.CallAsync(address));
        }

        var lines = await mesh.Shop.LinesAsync(10);
        Assert.All(lines, line => Assert.Equal(("completed", $"{WebAddress(0)}:8080", $"{host}.demo.svc.cluster.local:80"),
            (line.Reason, EndingFacts.Text(line.Line, "upstream"), EndingFacts.Text(line.Line, "route"))));
        var attempts = lines.Select(Attempts).ToList();
        Assert.Equal((3, 7), (attempts.Count(count => count == 2), attempts.Count(count => count == 1)));
        Assert.Equal(1, attempts[^1]);
        Assert.Equal(1, await mesh.Shop.Proxy.MetricAsync("l4proxy_endpoint_ejections_total") - ejections);
        // Whoever dialled web over TLS at the other endpoint did not get as far as web.
        Assert.All(await mesh.Web.LinesAsync(10), line => Assert.Equal("completed", line.Reason));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Where_no_endpoint_is_left_the_caller_is_reset_and_told_the_last_failure(string host, string address, string failing, string reason)
    {
        await mesh.Shop.ApplyAsync(Service(host, address, failing) + Traffic(host, InTurn));

        Assert.Equal("reset", await mesh.CallAsync(address));

        var line = await mesh.Shop.LineAsync();
        Assert.Equal((reason, 0L), (line.Reason, line.Line.GetProperty("bytesToUpstream").GetInt64()));
        Assert.Equal(1, Attempts(line));
    }

    [Fact]
    public async Task Three_endpoints_are_tried_and_no_fourth()
    {
        await mesh.Shop.ApplyAsync(Service("four", "10.96.0.40", Enumerable.Range(1, 4).Select(host => Web(External(host), $"ports: {{tcp: {Closed}}}"))));

        Assert.Equal("reset", await mesh.CallAsync("10.96.0.40"));

        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("dialRefused", 3), (line.Reason, Attempts(line)));
    }

    [Fact]
    public async Task ISTIO_MUTUAL_never_falls_back_to_plaintext()
    {
        // Nothing says who the endpoint is, so that without the rule it would be called in clear.
        var service = Service("demanded", "10.96.0.41", $"{{address: {External(1)}, ports: {{tcp: {Plaintext}}}}}");
        await mesh.Shop.ApplyAsync(service);
        Assert.Equal($"{External(1)}:{Plaintext} hello", await mesh.CallAsync("10.96.0.41"));
        await mesh.Shop.LineAsync();

        await mesh.Shop.ApplyAsync(service + Traffic("demanded", "tls: {mode: ISTIO_MUTUAL}"));
        Assert.Equal("reset", await mesh.CallAsync("10.96.0.41"));

        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("tlsPeerIsPlaintext", 0L), (line.Reason, line.Line.GetProperty("bytesToUpstream").GetInt64()));
    }

    [Fact]
    public async Task DISABLE_calls_in_clear_even_whom_the_mesh_knows()
    {
        await mesh.Shop.ApplyAsync(Service("clear", "10.96.0.42", _plaintext) + Traffic("clear", "tls: {mode: DISABLE}"));

        Assert.Equal($"{External(1)}:{Plaintext} hello", await mesh.CallAsync("10.96.0.42"));

        Assert.Null(EndingFacts.Text((await mesh.Shop.LineAsync()).Line, "tlsVersion"));
    }

    /// <summary>Said only where it was more than one.</summary>
    private static int Attempts(AccessLogEntry line) => line.Line.TryGetProperty("attempts", out var attempts) ? attempts.GetInt32() : 1;
}
