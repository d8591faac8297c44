using System.Net.Sockets;
using System.Text.Json;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class ObservationTests
{
    [Fact]
    public async Task Bytes_are_counted_while_the_connection_is_open()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();
        await client.SayAsync("12345");
        await server.HearAsync("12345");
        await server.SayAsync("123");
        await client.HearAsync("123");

        await proxy.MetricReachesAsync("l4proxy_bytes_total{direction=\"forward\",flow=\"to_upstream\"}", 5);
        await proxy.MetricReachesAsync("l4proxy_bytes_total{direction=\"forward\",flow=\"to_downstream\"}", 3);
        Assert.Equal(1, await proxy.MetricAsync("l4proxy_connections_active{direction=\"forward\"}"));
        Assert.Empty(proxy.AccessLog.Lines);

        client.Dispose();
        server.Dispose();
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Both_metrics_ports_answer_on_both_paths()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));

        foreach (var port in proxy.File.Metrics)
        {
            foreach (var path in (string[])["/metrics", "/stats/prometheus"])
            {
                Assert.Contains("\nl4proxy_connections_opened_total{direction=\"forward\"} 0\n", (await proxy.GetAsync(port, path)).Text, StringComparison.Ordinal);
            }
        }
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_connection_leaves_one_line_with_the_documented_keys()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        string from;
        using (var client = await proxy.ConnectAsync())
        {
            from = client.LocalEndPoint!.ToString()!;
            await client.EchoAsync("hello");
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal("FIN", await client.EndAsync());
        }

        var line = await proxy.EndingAsync();

        Assert.Equal(
            "time id direction downstream upstream bytesToUpstream bytesToDownstream spliced connectMs firstByteMs totalMs phase endedBy reason",
            string.Join(' ', line.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(("forward", from, backend.Address.ToString()), (Text(line, "direction"), Text(line, "downstream"), Text(line, "upstream")));
        Assert.Equal((5, 5, false), (line.GetProperty("bytesToUpstream").GetInt64(), line.GetProperty("bytesToDownstream").GetInt64(), line.GetProperty("spliced").GetBoolean()));
        Assert.Equal(("completed", "downstream", "splicing"), (Text(line, "reason"), Text(line, "endedBy"), Text(line, "phase")));
        Assert.True(line.GetProperty("firstByteMs").GetDouble() <= line.GetProperty("totalMs").GetDouble());
        Assert.InRange(DateTimeOffset.UtcNow - line.GetProperty("time").GetDateTimeOffset(), TimeSpan.Zero, Patience.Limit);
        await proxy.EndAsync();
    }

    [Fact]
    public async Task The_access_log_can_be_a_file()
    {
        using var directory = new Configuration.TemporaryDirectory();
        var path = directory.File("access.log");
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { AccessLog = path });
        using (var client = await proxy.ConnectAsync())
        {
            await client.EchoAsync("hello");
        }
        await proxy.MetricReachesAsync("l4proxy_connections_closed_total", 1);

        proxy.Signal("TERM");

        Assert.Equal(0, await proxy.ExitCodeAsync());
        Assert.Equal("completed", Text(JsonElement.Parse(Assert.Single(await File.ReadAllLinesAsync(path))), "reason"));
        proxy.AssertLogged(0);
    }

    [Fact]
    public async Task The_process_log_is_for_people()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        await proxy.EndAsync();

        Assert.All(proxy.ProcessLog.Lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info |warn )  ?[a-z0-9.-]+: \S.*$", line));
        Assert.Contains(proxy.ProcessLog.Lines, line =>
            line.EndsWith($" info  l4proxy: forward to {backend.Address} listens on 127.0.0.1:{proxy.File.Listen}", StringComparison.Ordinal));
        Assert.Contains(proxy.ProcessLog.Lines, line => line.EndsWith(" info  readiness: ready", StringComparison.Ordinal));
        Assert.Contains(proxy.ProcessLog.Lines, line => line.Contains(" info  drain: drained in ", StringComparison.Ordinal));
    }

    private static string? Text(JsonElement line, string key) => line.GetProperty(key).GetString();
}
