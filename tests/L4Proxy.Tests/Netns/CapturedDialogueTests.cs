using System.Net;
using System.Net.Sockets;
using System.Text;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>Conversations that break when a proxy waits for the wrong side: no port is declared, both directions, both families.</summary>
public sealed class CapturedDialogueTests(CapturedDialogueTests.Pods pods) : IClassFixture<CapturedDialogueTests.Pods>
{
    private const int Bytes = 300_000;

    /// <summary>Nothing here leaves the machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] Backends = ["nft", "iptables-nft", "iptables-legacy"];

    public static TheoryData<string, string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string, string>();
            foreach (var backend in Backends)
            {
                ways.Add(backend, "inbound", PodV4);
                ways.Add(backend, "inbound", PodV6);
                ways.Add(backend, "outbound", ExternalV4);
                ways.Add(backend, "outbound", ExternalV6);
            }

            return ways;
        }
    }

    public static TheoryData<string> EachBackend => [.. Backends];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_greeting_arrives_before_the_downstream_has_said_a_word(string backend, string direction, string address)
    {
        var pod = await pods.GetAsync(backend);
        using var patience = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(pod, direction, address, 2525, patience.Token);
        Assert.Equal("220 ready\n", await ReadLineAsync(socket, patience.Token));
        await socket.SendAsync("QUIT\n"u8.ToArray(), patience.Token);
        Assert.Equal("221 you said QUIT\n", await Caller.ReadToEndAsync(socket, patience.Token));
        await AssertLoggedAsync(pod, $"{direction} {address} 2525 from {((IPEndPoint)socket.LocalEndPoint!).Address} completed", socket);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_downstream_that_has_ended_its_side_still_gets_the_answer(string backend, string direction, string address)
    {
        var pod = await pods.GetAsync(backend);
        using var patience = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(pod, direction, address, 2526, patience.Token);
        for (var left = Bytes; left > 0;)
        {
            left -= await socket.SendAsync(new byte[left], patience.Token);
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal($"got {Bytes}", await Caller.ReadToEndAsync(socket, patience.Token));
        await AssertLoggedAsync(pod, $"{direction} {address} 2526 from {((IPEndPoint)socket.LocalEndPoint!).Address} completed", socket);
    }

    [Theory]
    [MemberData(nameof(EachBackend))]
    public async Task Datagrams_pass_untouched(string backend)
    {
        using var patience = new CancellationTokenSource(Patience);
        var pod = await pods.GetAsync(backend);
        foreach (var (external, from) in new[] { (ExternalV4, PodV4), (ExternalV6, PodV6) })
        {
            var to = new IPEndPoint(IPAddress.Parse(external), 7000);
            using var server = pod.Topology.Client.Open(to.AddressFamily, type: SocketType.Dgram);
            server.Bind(to);
            using var app = pod.Topology.Pod.Open(to.AddressFamily, 1000, 1000, SocketType.Dgram);
            await app.ConnectAsync(to, patience.Token);
            await app.SendAsync("ping"u8.ToArray(), patience.Token);
            var asked = await server.ReceiveFromAsync(new byte[16], to, patience.Token);
            Assert.Equal(from, Server.Address(asked.RemoteEndPoint).ToString());
            await server.SendToAsync("pong"u8.ToArray(), asked.RemoteEndPoint, patience.Token);
            Assert.Equal(4, await app.ReceiveAsync(new byte[16], patience.Token));
        }

        Assert.Empty(await pod.NewLinesAsync());
    }

    private static async Task<Socket> ConnectAsync(
        ProxiedPod pod, string direction, string address, int port, CancellationToken cancellationToken)
    {
        var destination = new IPEndPoint(IPAddress.Parse(address), port);
        var caller = direction == "inbound" ? pod.Remote : pod.Application;
        var socket = caller.Where.Open(destination.AddressFamily, caller.Uid, caller.Gid);
        await socket.ConnectAsync(destination, cancellationToken);
        return socket;
    }

    private static async Task AssertLoggedAsync(ProxiedPod pod, string expected, Socket socket)
    {
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        socket.Close();
        var line = Assert.Single(await pod.NewLinesAsync());
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

    /// <summary>One pod for each backend, started by the first test that asks for it.</summary>
    public sealed class Pods : IAsyncLifetime
    {
        private readonly Dictionary<string, ProxiedPod> _started = new(StringComparer.Ordinal);

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (var pod in _started.Values)
            {
                await pod.DisposeAsync();
            }
        }

        internal async Task<ProxiedPod> GetAsync(string backend)
        {
            if (!_started.TryGetValue(backend, out var pod))
            {
                _started[backend] = pod = await ProxiedPod.StartAsync(backend, []);
                foreach (var where in new[] { pod.Topology.Pod, pod.Topology.Client })
                {
                    pod.Serve(new Server(where, 2525, GreetAsync));
                    pod.Serve(new Server(where, 2526, CountAsync));
                }
            }

            return pod;
        }
    }
}
