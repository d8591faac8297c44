using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Tests.Netns;

/// <summary>Applying again while connections come and live: none slips past the rules, none is hurt.</summary>
public sealed class ReapplyUnderLoadTests
{
    private const int Reapplications = 15;

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task No_connection_escapes_and_none_is_reset(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend);
        await using var proxy = new TraceProxy(topology.Pod);
        var reapplied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var patient = new Server(topology.Pod, 8080, (accepted, cancellationToken) => AnswerAfterAsync(reapplied.Task, accepted, cancellationToken));
        await using var external = Server.Application(topology.Client, 7000);
        using var live = topology.Client.Open(AddressFamily.InterNetwork);
        await live.ConnectAsync(new IPEndPoint(IPAddress.Parse(PodTopology.PodV4), 8080));

        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var stop = new CancellationTokenSource();
        var storms = new[] { PodTopology.ExternalV4, PodTopology.ExternalV6 }.Select(address => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.AddOrUpdate(await new Caller(topology.Pod, 1000, 1000).CallAsync(address, 7000), 1, (_, count) => count + 1);
            }
        })).ToList();
        for (var i = 0; i < Reapplications; i++)
        {
            topology.Pod.MustRedirect("apply", "--backend", backend);
        }

        await stop.CancelAsync();
        await Task.WhenAll(storms);
        Assert.Equal(
            $"15001({PodTopology.ExternalV4}:7000)>APP7000[from {PodTopology.PodV4}]\n15001([{PodTopology.ExternalV6}]:7000)>APP7000[from {PodTopology.PodV6}]",
            string.Join('\n', answers.Keys.Order(StringComparer.Ordinal)));
        reapplied.SetResult();
        Assert.Equal($"15006({PodTopology.PodV4}:8080)>still here", await Caller.ReadToEndAsync(live, CancellationToken.None));
    }

    private static async Task AnswerAfterAsync(Task condition, Socket accepted, CancellationToken cancellationToken)
    {
        await condition.WaitAsync(cancellationToken);
        await accepted.SendAsync("still here"u8.ToArray(), cancellationToken);
    }
}
