using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class EndingTests
{
    [Fact]
    public async Task A_reset_of_the_downstream_reaches_the_upstream_as_a_reset()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();
        await client.SayAsync("hello");
        await server.HearAsync("hello");

        client.Reset();

        Assert.Equal("RST", await server.EndAsync());
        Expect(await proxy.EndingAsync(), "downstreamReset", "downstream", "ECONNRESET");
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_reset_of_the_upstream_reaches_the_downstream_as_a_reset_after_what_was_said_before()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();
        await server.SayAsync("hello");
        await client.HearAsync("hello");

        server.Reset();

        Assert.Equal("RST", await client.EndAsync());
        Expect(await proxy.EndingAsync(), "upstreamReset", "upstream", "ECONNRESET");
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_client_that_ends_first_gets_the_whole_answer_of_100_MB()
    {
        const int Size = 100_000_000;
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();

        await client.SayAsync("all of it, please");
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("FIN", await server.EndAsync());
        var answer = RandomNumberGenerator.GetBytes(Size);
        var sending = SendAndCloseAsync(server, answer);
        var (length, hash) = await HashOfRestAsync(client);
        await sending;

        Assert.Equal((Size, Convert.ToHexString(SHA256.HashData(answer))), (length, hash));
        var ending = await proxy.EndingAsync();
        Expect(ending, "completed", "downstream", errno: null);
        Assert.Equal((17, Size, true), (
            ending.GetProperty("bytesToUpstream").GetInt64(), ending.GetProperty("bytesToDownstream").GetInt64(), ending.GetProperty("spliced").GetBoolean()));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Two_thousand_ghosts_that_ended_one_way_only_are_reaped()
    {
        const int Ghosts = 2000;
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Timeouts = "halfClose: 1s" });
        var clients = new List<Socket>();
        for (var i = 0; i < Ghosts; i++)
        {
            clients.Add(await proxy.ConnectAsync());
            clients[i].Shutdown(SocketShutdown.Send);
        }

        var endings = await proxy.EndingsAsync(Ghosts);

        Assert.All(endings, ending => Expect(ending, "halfCloseTimeout", "proxy", errno: null));
        Assert.All(await Task.WhenAll(clients.Select(client => client.EndAsync())), end => Assert.Equal("RST", end));
        clients.ForEach(client => client.Dispose());
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_connection_on_which_nothing_moves_is_ended_after_the_idle_timeout_and_a_busy_one_is_not()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Timeouts = "idle: 300ms" });
        using var busy = await proxy.ConnectAsync();
        using var idle = await proxy.ConnectAsync();
        await idle.EchoAsync("once");

        var ended = idle.EndAsync();
        while (!ended.IsCompleted)
        {
            await busy.EchoAsync("again and again");
        }

        Assert.Equal("RST", await ended);
        Expect(await proxy.EndingAsync(), "idleTimeout", "proxy", errno: null);
        busy.Dispose();
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_refused_dial_is_a_reset_for_the_client()
    {
        await using var proxy = await RunningProxy.StartAsync(new(new IPEndPoint(IPAddress.Loopback, FreePorts.Take())));

        Assert.Equal("RST", await proxy.RefusalAsync());
        Expect(await proxy.EndingAsync(), "dialRefused", "upstream", "ECONNREFUSED", phase: "dialing");
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_dial_that_nobody_answers_is_a_reset_for_the_client_after_the_connect_timeout()
    {
        // A listener whose queue is full: the kernel drops every further SYN.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(full.LocalEndPoint!);
        await using var proxy = await RunningProxy.StartAsync(new((IPEndPoint)full.LocalEndPoint!) { Timeouts = "connect: 300ms" });

        Assert.Equal("RST", await proxy.RefusalAsync());
        var ending = await proxy.EndingAsync();
        Expect(ending, "dialTimedOut", "upstream", "ETIMEDOUT", phase: "dialing");
        Assert.InRange(ending.GetProperty("totalMs").GetDouble(), 300, Patience.Limit.TotalMilliseconds);
        await proxy.EndAsync();
    }

    [Fact]
    public async Task An_upstream_without_a_route_is_a_reset_for_the_client()
    {
        // The kernel connects no TCP to a multicast address, whatever routes this host has.
        await using var proxy = await RunningProxy.StartAsync(new(IPEndPoint.Parse("224.0.0.1:9")));

        Assert.Equal("RST", await proxy.RefusalAsync());
        Expect(await proxy.EndingAsync(), "dialUnreachable", "upstream", "ENETUNREACH", phase: "dialing");
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_server_may_speak_first()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var client = await proxy.ConnectAsync();
        using var server = await backend.AcceptAsync();

        await server.SayAsync("220 ready");
        await client.HearAsync("220 ready");
        server.Dispose();
        Assert.Equal("FIN", await client.EndAsync());
        client.Dispose();

        Expect(await proxy.EndingAsync(), "completed", "upstream", errno: null);
        await proxy.EndAsync();
    }

    private static void Expect(
        System.Text.Json.JsonElement ending, string reason, string endedBy, string? errno, string phase = "splicing") => Assert.Equal(
            (reason, endedBy, errno, phase),
            (ending.GetProperty("reason").GetString(), ending.GetProperty("endedBy").GetString(),
                ending.TryGetProperty("errno", out var number) ? number.GetString() : null, ending.GetProperty("phase").GetString()));

    private static async Task SendAndCloseAsync(Socket socket, byte[] answer)
    {
        for (var rest = answer.AsMemory(); !rest.IsEmpty;)
        {
            rest = rest[await socket.SendAsync(rest)..];
        }
        socket.Dispose();
    }

    private static async Task<(int Length, string Hash)> HashOfRestAsync(Socket socket)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        var total = 0;
        int length;
        while ((length = await socket.ReceiveAsync(buffer).WaitAsync(Patience.Limit)) > 0)
        {
            hash.AppendData(buffer, 0, length);
            total += length;
        }
        return (total, Convert.ToHexString(hash.GetHashAndReset()));
    }
}
