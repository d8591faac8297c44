using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
    public async Task A_burst_of_more_than_there_are_descriptors_for_neither_ends_the_process_nor_makes_it_spin()
    {
        const int Burst = 1000;
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address), openFiles: 300);
        var limit = await LimitAsync(proxy);
        var held = new List<Socket>();
        while (held.Count < limit)
        {
            held.Add(await proxy.ConnectAsync());
            await held[^1].EchoAsync("welcome");
        }

        var ends = await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => proxy.RefusalAsync()));
        Assert.All(ends, end => Assert.Equal("RST", end));
        var cores = await ProcessUsage.CoresAsync(proxy.Id);
        foreach (var client in held)
        {
            await client.EchoAsync("still here");
        }
        held.ForEach(client => client.Dispose());
        var freed = TimeProvider.System.GetTimestamp();
        await proxy.EndingsAsync(Burst + limit - 10);
        using (var client = await proxy.ConnectAsync())
        {
            await client.EchoAsync("welcome");
        }
        var recovery = TimeProvider.System.GetElapsedTime(freed);

        output.WriteLine($"{cores:P1} of a core while full; served again {recovery.TotalMilliseconds:F0} ms after descriptors were free");
        Assert.InRange(cores, 0, 0.1);
        Assert.InRange(recovery, TimeSpan.Zero, TimeSpan.FromSeconds(5));
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
}
