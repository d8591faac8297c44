using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.MeshTopology;
using static L4Proxy.Tests.Mesh.OutboundMesh;

namespace L4Proxy.Tests.Mesh;

/// <summary>How many connections a destination gets and an identity makes, and what becomes of one more.</summary>
public sealed class LimitTests(OutboundMesh mesh) : IClassFixture<OutboundMesh>
{
    private const string Two = "connectionPool: {tcp: {maxConnections: 2}}";

    [Fact]
    public async Task One_connection_too_many_waits_and_goes_on_when_another_ends()
    {
        await mesh.Shop.ReconfigureAsync(settings => settings with { Connect = "20s", Limits = "" });
        await mesh.Shop.ApplyAsync(Service("queue", "10.96.0.60", Web(WebAddress(0))) + Traffic("queue", Two));
        await using var first = await mesh.DialAsync("10.96.0.60");
        await using var second = await mesh.DialAsync("10.96.0.60");
        Assert.Equal($"{WebAddress(0)}:8080 first", await first.AskAsync("first"));
        Assert.Equal($"{WebAddress(0)}:8080 second", await second.AskAsync("second"));
        await using var third = await mesh.DialAsync("10.96.0.60");
        var waiting = third.AskAsync("third");
        await mesh.Shop.Proxy.MetricReachesAsync("l4proxy_connections_waiting", 1);
        Assert.False(waiting.IsCompleted);

        await first.EndAsync();

        Assert.Equal($"{WebAddress(0)}:8080 third", await waiting);
        Assert.Equal($"{WebAddress(0)}:8080 still", await second.AskAsync("still"));
        Assert.Equal(0, await mesh.Shop.Proxy.MetricAsync("l4proxy_connections_waiting"));
        await second.EndAsync();
        await third.EndAsync();
        Assert.All(await mesh.Shop.LinesAsync(3), line => Assert.Equal("completed", line.Reason));
        await mesh.Web.LinesAsync(3);
    }

    [Fact]
    public async Task Who_has_waited_for_as_long_as_a_dial_may_take_is_refused()
    {
        await mesh.Shop.ReconfigureAsync(settings => settings with { Connect = "500ms", Limits = "" });
        await mesh.Shop.ApplyAsync(Service("patience", "10.96.0.61", Web(WebAddress(0))) + Traffic("patience", Two.Replace("2", "1", StringComparison.Ordinal)));
        await using var only = await mesh.DialAsync("10.96.0.61");
        Assert.Equal($"{WebAddress(0)}:8080 only", await only.AskAsync("only"));

        Assert.Equal("reset", await mesh.CallAsync("10.96.0.61"));

        Assert.Equal("destinationLimit", (await mesh.Shop.LineAsync()).Reason);
        await only.EndAsync();
        await mesh.Shop.LineAsync();
        await mesh.Web.LineAsync();
    }

    [Fact]
    public async Task Where_nobody_may_wait_one_too_many_is_refused_at_once()
    {
        await mesh.Shop.ReconfigureAsync(settings => settings with { Connect = "20s", Limits = "waitingPerDestination: 0, maxConnectionsPerDestination: 1" });
        await mesh.Shop.ApplyAsync(Service("impatient", "10.96.0.62", Web(WebAddress(0))));
        await using var only = await mesh.DialAsync("10.96.0.62");
        Assert.Equal($"{WebAddress(0)}:8080 only", await only.AskAsync("only"));

        Assert.Equal("reset", await mesh.CallAsync("10.96.0.62"));

        var line = await mesh.Shop.LineAsync();
        Assert.Equal("destinationLimit", line.Reason);
        Assert.InRange(line.Line.GetProperty("totalMs").GetDouble(), 0, 5000);
        // Another destination has room of its own.
        Assert.Equal($"{External(1)}:{Plaintext} hello", await mesh.CallAsync(External(1), Plaintext));
        await mesh.Shop.LineAsync();
        await only.EndAsync();
        await mesh.Shop.LineAsync();
        await mesh.Web.LineAsync();
    }

    [Fact]
    public async Task An_identity_has_its_maximum_and_others_have_theirs()
    {
        await mesh.Web.ReconfigureAsync(settings => settings with { Limits = "maxConnectionsPerIdentity: 2" });
        var (outside, shop, other) = (new Netns.Caller(mesh.Topology.Outside), mesh.Authority.Certificate("demo/shop"), mesh.Authority.Certificate("demo/other"));
        await using var first = await Call.DialAsync(outside, WebAddress(0), 8080, shop.Client());
        Assert.Equal($"{WebAddress(0)}:8080 first", await first.AskAsync("first"));
        await using var second = await Call.DialAsync(outside, WebAddress(0), 8080, shop.Client());
        Assert.Equal($"{WebAddress(0)}:8080 second", await second.AskAsync("second"));

        Assert.Equal("reset", await Call.OnceAsync(outside, WebAddress(0), 8080, shop.Client()));
        Assert.Equal("identityLimit", (await mesh.Web.LineAsync()).Reason);
        Assert.Equal(Answer(0), await Call.OnceAsync(outside, WebAddress(0), 8080, other.Client()));
        Assert.Equal("completed", (await mesh.Web.LineAsync()).Reason);

        await first.EndAsync();
        await mesh.Web.LineAsync();
        Assert.Equal(Answer(0), await Call.OnceAsync(outside, WebAddress(0), 8080, shop.Client()));
        await second.EndAsync();
        await mesh.Web.LinesAsync(2);
        await mesh.Web.ReconfigureAsync(settings => settings with { Limits = "" });
    }
}
