using System.Net;
using System.Net.Sockets;
using Xunit.Abstractions;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class DrainTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Without_connections_it_leaves_at_once()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));

        proxy.Signal("TERM");
        var signalled = TimeProvider.System.GetTimestamp();

        Assert.Equal(0, await proxy.ExitCodeAsync());
        var took = TimeProvider.System.GetElapsedTime(signalled);
        output.WriteLine($"left after {took.TotalMilliseconds:F0} ms; half a second is promised");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        proxy.AssertLogged(0);
    }

    [Fact]
    public async Task Idle_connections_are_closed_with_FIN_long_before_the_deadline()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Timeouts = "drain: 1m" });
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();
        await client.SayAsync("hello");
        await server.HearAsync("hello");

        proxy.Signal("TERM");

        Assert.Equal(("FIN", "FIN"), (await client.EndAsync(), await server.EndAsync()));
        Assert.Equal(0, await proxy.ExitCodeAsync());
        Assert.Equal("drained", (await proxy.EndingAsync()).GetProperty("reason").GetString());
        proxy.AssertLogged(1);
    }

    [Fact]
    public async Task Busy_connections_go_on_until_they_are_reset_at_the_deadline_and_new_ones_are_refused_meanwhile()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Timeouts = "drain: 4s" });
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("first");
        var busy = TalkToTheEndAsync(client);

        proxy.Signal("TERM");
        await proxy.ProcessLog.WaitForAsync("draining on SIGTERM: 1 connection(s) open");
        var (code, text) = await proxy.GetAsync(proxy.File.Health, "/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining: asked to stop by SIGTERM\n"), (code, text));
        Assert.Equal("RST", await proxy.RefusalAsync());
        // A second signal, from an impatient script, must not cut the drain short.
        proxy.Signal("TERM");
        proxy.Signal("INT");

        Assert.Equal("RST", await busy);
        Assert.Equal(0, await proxy.ExitCodeAsync());
        var endings = await proxy.EndingsAsync(2);
        Assert.Equal("draining drained", string.Join(' ', endings.Select(ending => ending.GetProperty("reason").GetString())));
        // Spread over the second half of the window, and never before it.
        Assert.InRange(endings[1].GetProperty("totalMs").GetDouble(), 2000, Patience.Limit.TotalMilliseconds);
        Assert.Contains(proxy.ProcessLog.Lines, line => line.Contains("1 reset at the deadline", StringComparison.Ordinal));
        proxy.AssertLogged(2);
    }

    [Fact]
    public async Task Before_the_drain_begins_it_is_not_ready_and_still_serves()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Timeouts = "preDrain: 3s, drain: 6s" });

        proxy.Signal("TERM");
        await Patience.UntilAsync("503", async () => (await proxy.GetAsync(proxy.File.Health, "/readyz")).Code == HttpStatusCode.ServiceUnavailable);
        using (var client = await proxy.ConnectAsync())
        {
            await client.EchoAsync("still here");
        }
        var signalled = TimeProvider.System.GetTimestamp();

        Assert.Equal(0, await proxy.ExitCodeAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(signalled), TimeSpan.FromSeconds(1), Patience.Limit);
        Assert.Equal("completed", (await proxy.EndingAsync()).GetProperty("reason").GetString());
        proxy.AssertLogged(1);
    }

    private static async Task<string> TalkToTheEndAsync(Socket client)
    {
        var buffer = new byte[1];
        try
        {
            while (true)
            {
                await client.SendAsync(buffer);
                if (await client.ReceiveAsync(buffer) == 0)
                {
                    return "FIN";
                }
            }
        }
        catch (SocketException failed)
        {
            // EPIPE where the write met the reset first.
            return failed.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown ? "RST" : failed.SocketErrorCode.ToString();
        }
    }
}
