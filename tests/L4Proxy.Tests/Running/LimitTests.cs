namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class LimitTests
{
    [Fact]
    public async Task Connections_above_the_limit_are_refused_and_a_reload_moves_the_limit()
    {
        await using var backend = Backend.Echo();
        var file = new ProxyFile(backend.Address) { Limits = "maxConnections: 2" };
        await using var proxy = await RunningProxy.StartAsync(file);
        using var first = await proxy.ConnectAsync();
        await first.EchoAsync("first");
        using var second = await proxy.ConnectAsync();
        await second.EchoAsync("second");

        Assert.Equal("RST", await proxy.RefusalAsync());
        await proxy.ReloadAsync(file with { Limits = "maxConnections: 3" }, "limits.maxConnections 2 -> 3");
        using (var third = await proxy.ConnectAsync())
        {
            await third.EchoAsync("third");
            Assert.Equal("RST", await proxy.RefusalAsync());
        }
        await proxy.MetricReachesAsync("l4proxy_connections_active", 2);
        await proxy.ReloadAsync(file with { Limits = "maxConnections: 1" }, "limits.maxConnections 3 -> 1");
        await first.EchoAsync("a lower limit ends nobody");
        await second.EchoAsync("a lower limit ends nobody");

        first.Dispose();
        second.Dispose();
        var endings = await proxy.EndingsAsync(5);
        Assert.Equal(2, endings.Count(ending => ending.GetProperty("reason").GetString() == "connectionLimit"));
        Assert.Equal(2, await proxy.MetricAsync("l4proxy_connections_closed_total{direction=\"forward\",reason=\"connectionLimit\"}"));
        await proxy.EndAsync();
    }
}
