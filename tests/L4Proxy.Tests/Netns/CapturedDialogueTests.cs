using System.Net;
using System.Net.Sockets;
using System.Text;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>Conversations that break when a proxy waits for the wrong side: no port is declared, both directions, both families.</summary>
public sealed class CapturedDialogueTests : IClassFixture<CapturedDialogueTests.Pod>
{
    private const int Bytes = 300_000;

    /// <summary>Nothing here leaves the machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ProxiedPod _pod;

    public CapturedDialogueTests(Pod pod) => _pod = pod.Started;

    public static TheoryData<string, string> Ways => new()
    {
        { "inbound", PodV4 }, { "inbound", PodV6 }, { "outbound", ExternalV4 }, { "outbound", ExternalV6 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_greeting_arrives_before_the_downstream_has_said_a_word(string direction, string address)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(direction, address, 2525, patience.Token);
        Assert.Equal("220 ready\n", await ReadLineAsync(socket, patience.Token));
        await socket.SendAsync("QUIT\n"u8.ToArray(), patience.Token);
        Assert.Equal("221 you said QUIT\n", await Caller.ReadToEndAsync(socket, patience.Token));
        await AssertLoggedAsync($"{direction} {address} 2525 from {((IPEndPoint)socket.LocalEndPoint!).Address} completed", socket);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_downstream_that_has_ended_its_side_still_gets_the_answer(string direction, string address)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(direction, address, 2526, patience.Token);
        for (var left = Bytes; left > 0;)
        {
            left -= await socket.SendAsync(new byte[left], patience.Token);
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal($"got {Bytes}", await Caller.ReadToEndAsync(socket, patience.Token));
        await AssertLoggedAsync($"{direction} {address} 2526 from {((IPEndPoint)socket.LocalEndPoint!).Address} completed", socket);
    }

    [Theory]
    [InlineData(ExternalV4, PodV4)]
    [InlineData(ExternalV6, PodV6)]
    public async Task Datagrams_pass_untouched(string external, string pod)
    {
        using var patience = new CancellationTokenSource(Patience);
        var to = new IPEndPoint(IPAddress.Parse(external), 7000);
        using var server = _pod.Topology.Client.Open(to.AddressFamily, type: SocketType.Dgram);
        server.Bind(to);
        using var app = _pod.Topology.Pod.Open(to.AddressFamily, 1000, 1000, SocketType.Dgram);
        await app.ConnectAsync(to, patience.Token);
        await app.SendAsync("ping"u8.ToArray(), patience.Token);
        var asked = await server.ReceiveFromAsync(new byte[16], to, patience.Token);
        Assert.Equal(pod, Server.Address(asked.RemoteEndPoint).ToString());
        await server.SendToAsync("pong"u8.ToArray(), asked.RemoteEndPoint, patience.Token);
        Assert.Equal(4, await app.ReceiveAsync(new byte[16], patience.Token));
        Assert.Empty(await _pod.NewLinesAsync());
    }

    private async Task<Socket> ConnectAsync(string direction, string address, int port, CancellationToken cancellationToken)
    {
        var destination = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = direction == "inbound"
            ? _pod.Topology.Client.Open(destination.AddressFamily)
            : _pod.Topology.Pod.Open(destination.AddressFamily, 1000, 1000);
        await socket.ConnectAsync(destination, cancellationToken);
        return socket;
    }

    private async Task AssertLoggedAsync(string expected, Socket socket)
    {
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        socket.Close();
        var line = Assert.Single(await _pod.NewLinesAsync());
        Assert.Equal(expected, line.ToString());
        Assert.Equal(port, line.Downstream.Port);
    }

    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        var (text, buffer) = (new StringBuilder(), new byte[1]);
        while ((text.Length == 0 || text[^1] != '\n') && await socket.ReceiveAsync(buffer, cancellationToken) > 0)
        {
            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    private static async Task GreetAsync(Socket accepted, CancellationToken cancellationToken)
    {
        await accepted.SendAsync("220 ready\n"u8.ToArray(), cancellationToken);
        var said = await ReadLineAsync(accepted, cancellationToken);
        await accepted.SendAsync(Encoding.ASCII.GetBytes("221 you said " + said), cancellationToken);
    }

    private static async Task CountAsync(Socket accepted, CancellationToken cancellationToken)
    {
        var all = await Caller.ReadToEndAsync(accepted, cancellationToken);
        await accepted.SendAsync(Encoding.ASCII.GetBytes($"got {all.Length}"), cancellationToken);
    }

    /// <summary>One pod for all of these; what they show does not depend on who installed the rules.</summary>
    public sealed class Pod : IAsyncLifetime
    {
        internal ProxiedPod Started { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Started = await ProxiedPod.StartAsync("auto", []);
            foreach (var where in new[] { Started.Topology.Pod, Started.Topology.Client })
            {
                Started.Serve(new Server(where, 2525, GreetAsync));
                Started.Serve(new Server(where, 2526, CountAsync));
            }
        }

        public async Task DisposeAsync() => await Started.DisposeAsync();
    }
}
