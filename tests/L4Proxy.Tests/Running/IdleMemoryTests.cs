using System.Net;
using System.Net.Sockets;
using L4Proxy.Configuration;
using L4Proxy.Listening;
using L4Proxy.Transport;
using L4Proxy.Transport.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;
using NativeSockets = L4Proxy.Transport.Native.Sockets;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class IdleMemoryTests(ITestOutputHelper output)
{
    /// <summary>HAProxy needs 3.4 KB and nginx with 64 KiB buffers 10 KB, seen from outside.</summary>
    private const int BytesPerConnection = 2048;

    /// <summary>The proxy runs in this process; the peers are bare descriptors, which cost no managed memory.</summary>
    [Fact]
    public async Task An_idle_connection_keeps_2_KB_at_most()
    {
        const int WarmUp = 500;
        const int Connections = 2500;
        var descriptors = new List<int>(2 * (WarmUp + Connections));
        var backend = ListeningSocket.Open(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), share: false, new TransportSettings());
        var listen = new IPEndPoint(IPAddress.Loopback, FreePorts.Take());
        var options = new ProxyOptions
        {
            Forward = [new ForwardOptions(listen, NativeSockets.LocalEndPoint(backend)!)],
            Telemetry = new TelemetryOptions { AccessLog = new AccessLogOptions { Path = "/dev/null" }, Metrics = [] },
            Health = FreePorts.Take(),
            Admin = FreePorts.Take(),
        };
        await using var server = new ProxyServer(options, NullLoggerFactory.Instance);
        await server.StartAsync();

        await OpenAsync(WarmUp);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await OpenAsync(Connections);
        var kept = (GC.GetTotalMemory(forceFullCollection: true) - before) / Connections;
        output.WriteLine($"{kept} bytes per idle connection");
        Assert.InRange(kept, 500, BytesPerConnection);
        descriptors.ForEach(NativeSockets.Close);
        NativeSockets.Close(backend);

        // A connection counts when its upstream leg has arrived: then it is spliced and waits.
        async Task OpenAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var client = NativeSockets.Create(ipv6: false);
                NativeSockets.Connect(client, listen);
                descriptors.Add(client);
            }
            var missing = count;
            await Patience.UntilAsync("every upstream leg", () =>
            {
                for (int accepted; (accepted = NativeSockets.Accept(backend, out _)) >= 0; missing--)
                {
                    descriptors.Add(accepted);
                }
                return Task.FromResult(missing == 0);
            });
        }
    }

    [Fact]
    public async Task A_message_costs_no_memory()
    {
        const int Messages = 20_000;
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        await TalkAsync(client, Messages);
        var before = ProcessUsage.ProportionalBytes(proxy.Id);

        await TalkAsync(client, Messages);

        // 100 bytes in each direction of each message would be 4 MB.
        var grown = ProcessUsage.ProportionalBytes(proxy.Id) - before;
        output.WriteLine($"{grown} bytes more after {Messages} round trips");
        Assert.InRange(grown, long.MinValue, 1_000_000);
        client.Dispose();
        await proxy.EndAsync();
    }

    private static async Task TalkAsync(Socket client, int messages)
    {
        var buffer = new byte[16];
        for (var i = 0; i < messages; i++)
        {
            await client.SendAsync(buffer);
            for (var at = 0; at < buffer.Length;)
            {
                at += await client.ReceiveAsync(buffer.AsMemory(at));
            }
        }
    }
}
