using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Kestrel;

public sealed class HostingTests
{
    [Fact]
    public async Task Loops_serve_their_endpoint_and_stock_sockets_serve_theirs()
    {
        await using var host = await KestrelHost.StartAsync();
        using var client = Said(host.Address);
        Assert.True(host.Seen.TryDequeue(out var seen));
        Assert.True(seen.OnLoop);
        Assert.Equal((client.Socket.LocalEndPoint, (EndPoint)host.Address), (seen.Remote, seen.Local));
        Assert.Equal(1, host.Loops[0].Counters.Accepted);

        using var http = new HttpClient();
        Assert.Equal("stock", await http.GetStringAsync(new Uri($"http://{host.HttpAddress}/")));
        Assert.Equal(1, host.Loops[0].Counters.Accepted);
    }

    [Fact]
    public async Task Connections_are_spread_over_the_loops()
    {
        await using var host = await KestrelHost.StartAsync(loops: 2);
        // The kernel hashes ports: that 64 fall on one side has a chance of one in 2 to the power of 63.
        var clients = Enumerable.Range(0, 64).Select(_ => Said(host.Address)).ToList();
        Assert.All(host.Seen, seen => Assert.True(seen.OnLoop));
        Assert.Equal([0, 1], host.Seen.Select(seen => seen.Loop).Distinct().Order());
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_dual_stack_listener_shows_ipv4_peers_as_ipv4()
    {
        await using var host = await KestrelHost.StartAsync(address: IPAddress.IPv6Any);
        using var four = Said(new IPEndPoint(IPAddress.Loopback, host.Address.Port));
        using var six = Said(new IPEndPoint(IPAddress.IPv6Loopback, host.Address.Port));
        Assert.Equal([four.Socket.LocalEndPoint, six.Socket.LocalEndPoint], host.Seen.Select(seen => seen.Remote));
        Assert.Equal([four.Socket.RemoteEndPoint, six.Socket.RemoteEndPoint], host.Seen.Select(seen => seen.Local));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Stopping_the_host_closes_listeners_and_aborts_what_is_left(int loops)
    {
        await using var host = await KestrelHost.StartAsync(loops);
        using var client = Said(host.Address);

        await host.StopAsync(abort: true);

        Assert.Equal(Ending.Reset, client.ReceiveSome());
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(host.Address));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    /// <summary>A client that was served: what it said came back.</summary>
    private static ScriptedPeer Said(IPEndPoint address)
    {
        var client = ScriptedPeer.Connect(address);
        client.Send(1);
        client.Receive(1);
        return client;
    }
}
