using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Netns;
using Xunit.Abstractions;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class DescriptorExhaustionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task With_few_descriptors_the_surplus_is_refused_at_the_door_and_what_is_open_goes_on()
    {
        const int Clients = 100;
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address), openFiles: 300);
        var limit = await LimitAsync(proxy);
        Assert.InRange(limit, 1, Clients - 1);

        var clients = new List<Socket>();
        for (var i = 0; i < Clients; i++)
        {
            if (i < limit)
            {
                clients.Add(await proxy.ConnectAsync());
                await clients[i].EchoAsync("welcome");
            }
            else
            {
                Assert.Equal("RST", await proxy.RefusalAsync());
            }
        }

        var endings = await proxy.EndingsAsync(Clients - limit);
        Assert.All(endings, ending => Assert.Equal("connectionLimit", ending.GetProperty("reason").GetString()));
        foreach (var client in clients)
        {
            await client.EchoAsync("still here");
        }
        clients.ForEach(client => client.Dispose());
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Out_of_descriptors_it_neither_fails_nor_spins_and_recovers_when_there_are_some_again()
    {
        const int Clients = 40;
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        var held = new List<Socket>();
        for (var i = 0; i < Clients; i++)
        {
            held.Add(await proxy.ConnectAsync());
            await held[i].EchoAsync("welcome");
        }
        SetLimit(proxy, ProcessUsage.NextDescriptor(proxy.Id));
        var waiting = new List<Socket>();
        for (var i = 0; i < Clients / 4; i++)
        {
            waiting.Add(await proxy.ConnectAsync());
            await waiting[i].SayAsync("is anybody there");
        }
        // An operator's request waits in the same need; its accept must not spin either.
        using var scrape = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await scrape.ConnectAsync(new IPEndPoint(IPAddress.Loopback, proxy.File.Metrics[1]));
        await scrape.SayAsync("GET /metrics HTTP/1.0\r\n\r\n");
        await Patience.UntilAsync("accept fails", async () => await proxy.MetricAsync("l4proxy_accept_errors_total{cause=\"resources\"}") > 0);

        var cores = await ProcessUsage.CoresAsync(proxy.Id);
        foreach (var client in held)
        {
            await client.EchoAsync("still here");
        }
        Assert.All(waiting, client => Assert.Equal(0, client.Available));

        var freed = TimeProvider.System.GetTimestamp();
        foreach (var client in held.Take(Clients / 2))
        {
            client.Dispose();
        }
        foreach (var client in waiting)
        {
            await client.HearAsync("is anybody there");
        }
        var recovery = TimeProvider.System.GetElapsedTime(freed);
        await scrape.HearAsync("HTTP/1.1 200 OK");

        output.WriteLine($"{cores:P1} of a core while out of descriptors; served again {recovery.TotalMilliseconds:F0} ms after some were free");
        Assert.InRange(cores, 0, 0.1);
        Assert.InRange(recovery, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        held.Concat(waiting).ToList().ForEach(client => client.Dispose());
        await proxy.EndAsync();
    }

    [Fact]
    public async Task The_first_connection_ever_may_come_when_descriptors_are_out()
    {
        // The runtime opens a file for every assembly at its first use: none may be left to load by then.
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        SetLimit(proxy, ProcessUsage.NextDescriptor(proxy.Id) + 1);

        Assert.Equal("RST", await proxy.RefusalAsync());
        var ending = await proxy.EndingAsync();
        Assert.Equal(("descriptorsExhausted", "EMFILE"), (ending.GetProperty("reason").GetString(), ending.GetProperty("errno").GetString()));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Idle_requests_of_operators_cannot_use_up_the_descriptors_of_the_data_plane()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address), openFiles: 300);
        var limit = await LimitAsync(proxy);
        var idle = new List<Socket>();
        foreach (var port in proxy.File.Metrics.Append(proxy.File.Health))
        {
            for (var i = 0; i < 50; i++)
            {
                idle.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await idle[^1].ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            }
        }

        var clients = new List<Socket>();
        for (var i = 0; i < limit; i++)
        {
            clients.Add(await proxy.ConnectAsync());
            await clients[i].EchoAsync("welcome");
        }

        idle.Concat(clients).ToList().ForEach(client => client.Dispose());
        await proxy.EndAsync();
    }

    private static async Task<int> LimitAsync(RunningProxy proxy) => int.Parse(
        (await proxy.ProcessLog.WaitForAsync("limits.maxConnections = ")).Split("limits.maxConnections = ")[1].Split(':')[0], CultureInfo.InvariantCulture);

    /// <summary>From now on a descriptor of this number or above is refused with EMFILE.</summary>
    private static void SetLimit(RunningProxy proxy, int descriptors) =>
        CommandLine.MustRun("", "prlimit", $"--pid={proxy.Id}", $"--nofile={descriptors}:");
}
