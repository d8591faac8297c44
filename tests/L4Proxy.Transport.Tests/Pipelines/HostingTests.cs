using System.Net;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Transport.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Transport.Tests.Pipelines;

public sealed class HostingTests
{
    [Fact]
    public async Task Ordinary_echo_middleware_runs_on_a_loop_behind_Kestrel()
    {
        using var loops = new EventLoops(new TransportSettings { Loops = 2 });
        await using var app = await StartAsync(loops, EchoAsync, out var endPoint);
        await Parallel.ForAsync(0, 20, async (i, _) =>
        {
            using var peer = await DialAsync(endPoint());
            var sent = new byte[1_000_000];
            new Random(i).NextBytes(sent);
            var sending = Task.Run(() =>
            {
                peer.Send(sent);
                peer.Shutdown(SocketShutdown.Send);
            }, CancellationToken.None);
            Assert.Equal(sent, await ReceiveAllAsync(peer));
            await sending;
        });
        foreach (var loop in loops.All)
        {
            Assert.Equal(0, await RentedAsync(loop));
        }
        await app.StopAsync();
    }

    [Fact]
    public async Task A_middleware_that_returns_without_completing_its_output_ends_the_connection_in_order()
    {
        using var loops = new EventLoops(new TransportSettings());
        await using var app = await StartAsync(loops, static async connection =>
        {
            await connection.Transport.Output.WriteAsync("hello"u8.ToArray());
        }, out var endPoint);
        using var peer = await DialAsync(endPoint());
        Assert.Equal("hello", Encoding.ASCII.GetString(await ReceiveAllAsync(peer)));
        await app.StopAsync();
    }

    [Fact]
    public async Task Aborting_the_connection_fails_its_read()
    {
        using var loops = new EventLoops(new TransportSettings());
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(loops, async connection =>
        {
            var read = connection.Transport.Input.ReadAsync();
            connection.Abort();
            failed.SetResult(await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await read));
        }, out var endPoint);
        using var peer = await DialAsync(endPoint());
        await failed.Task;
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAllAsync(peer));
        await app.StopAsync();
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        while (true)
        {
            var result = await connection.Transport.Input.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                await connection.Transport.Output.WriteAsync(segment);
            }
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static Task<WebApplication> StartAsync(EventLoops loops, ConnectionDelegate middleware, out Func<IPEndPoint> endPoint)
    {
        ListenOptions? listening = null;
        endPoint = () => ((LoopEndPoint)listening!.EndPoint).Address;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LoopTransportFactory(loops));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), options =>
        {
            listening = options;
            options.Run(connection => middleware(connection));
        }));
        return RunAsync(builder.Build());

        static async Task<WebApplication> RunAsync(WebApplication app)
        {
            await app.StartAsync();
            return app;
        }
    }

    private static async Task<Socket> DialAsync(IPEndPoint endPoint)
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(endPoint);
        return peer;
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket peer)
    {
        using var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await peer.ReceiveAsync(buffer) is > 0 and var count)
        {
            received.Write(buffer, 0, count);
        }
        return received.ToArray();
    }

    private static Task<int> RentedAsync(EventLoop loop)
    {
        var rented = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => rented.SetResult(loop.Buffers.Rented), null);
        return rented.Task;
    }
}
