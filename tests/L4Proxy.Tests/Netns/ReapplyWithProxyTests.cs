using System.Net;
using System.Net.Sockets;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>Applying again while the product carries a storm of connections and others that live throughout.</summary>
public sealed class ReapplyWithProxyTests
{
    private const int Reapplications = 15;
    private const int EchoPort = 9007;

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task No_connection_escapes_the_proxy_and_none_is_reset(string backend)
    {
        await using var pod = await ProxiedPod.StartAsync(backend, []);
        pod.Serve(new Server(pod.Topology.Pod, EchoPort, EchoAsync));
        pod.Serve(new Server(pod.Topology.Client, EchoPort, EchoAsync));
        var (remote, app) = (pod.Remote, pod.Application);
        Storm[] storms =
        [
            new(remote, PodV4, 8080, $"APP8080[from {PodV4}]", $"inbound {PodV4} 8080 from {ClientV4} completed"),
            new(remote, PodV6, 8080, $"APP8080[from {PodV6}]", $"inbound {PodV6} 8080 from {ClientV6} completed"),
            new(app, ExternalV4, 7000, $"APP7000[from {PodV4}]", $"outbound {ExternalV4} 7000 from {PodV4} completed"),
            new(app, ExternalV6, 7000, $"APP7000[from {PodV6}]", $"outbound {ExternalV6} 7000 from {PodV6} completed"),
        ];
        var live = new List<Socket>();
        foreach (var storm in Enumerable.Repeat(storms, 5).SelectMany(each => each))
        {
            var destination = new IPEndPoint(IPAddress.Parse(storm.To), EchoPort);
            live.Add(storm.Caller.Where.Open(destination.AddressFamily, storm.Caller.Uid, storm.Caller.Gid));
            await live[^1].ConnectAsync(destination);
        }

        using var stop = new CancellationTokenSource();
        var storming = storms.Select(storm => Task.Run(() => storm.RageAsync(stop.Token))).ToList();
        var exchanging = Task.Run(() => ExchangeAsync(live, stop.Token));
        for (var i = 0; i < Reapplications; i++)
        {
            pod.Topology.Pod.MustRedirect("apply", "--backend", backend);
        }

        await stop.CancelAsync();
        await Task.WhenAll(storming);
        Assert.NotEqual(0, await exchanging);
        foreach (var socket in live)
        {
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await Caller.ReadToEndAsync(socket, CancellationToken.None));
            socket.Dispose();
        }

        // As many lines as calls: what had gone around the proxy would be missing here, though it was answered.
        var expected = storms.SelectMany(storm => new[]
        {
            $"{storm.Logged}: {storm.Calls}",
            $"{storm.Logged.Replace($" {storm.Port} ", $" {EchoPort} ", StringComparison.Ordinal)}: 5",
        });
        var logged = (await pod.NewLinesAsync()).CountBy(line => line.ToString()).Select(line => $"{line.Key}: {line.Value}");
        Assert.Equal(string.Join('\n', expected.Order(StringComparer.Ordinal)), string.Join('\n', logged.Order(StringComparer.Ordinal)));
    }

    /// <summary>One number after another to every connection in turn, and back.</summary>
    /// <returns>How many came back; a connection that failed or gave a wrong number throws.</returns>
    private static async Task<int> ExchangeAsync(List<Socket> live, CancellationToken stop)
    {
        var (sent, received) = (0, new byte[4]);
        while (!stop.IsCancellationRequested)
        {
            foreach (var socket in live)
            {
                await socket.SendAsync(BitConverter.GetBytes(++sent), CancellationToken.None);
                for (var length = 0; length < received.Length;)
                {
                    var read = await socket.ReceiveAsync(received.AsMemory(length), CancellationToken.None);
                    Assert.NotEqual(0, read);
                    length += read;
                }

                Assert.Equal(sent, BitConverter.ToInt32(received));
            }
        }

        return sent;
    }

    private static async Task EchoAsync(Socket accepted, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        for (int read; (read = await accepted.ReceiveAsync(buffer, cancellationToken)) > 0;)
        {
            await accepted.SendAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private sealed record Storm(Caller Caller, string To, int Port, string Answer, string Logged)
    {
        public int Calls { get; private set; }

        public async Task RageAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(Answer, await Caller.CallAsync(To, Port));
                Calls++;
            }
        }
    }
}
