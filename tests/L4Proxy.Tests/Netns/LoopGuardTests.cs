using L4Proxy.Redirect;
using L4Proxy.Tests.Mesh;
using L4Proxy.Tests.Redirect;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>Rules and proxy disagree: a connection that would come back to the proxy ends at once instead of multiplying.</summary>
public sealed class LoopGuardTests
{
    private const int Calls = 200;

    [Fact]
    public async Task A_leg_to_the_application_that_comes_back_is_reset_when_the_rules_ignore_its_mark()
    {
        using var topology = new PodTopology();
        Load(topology, rule => !rule.Contains("dscp", StringComparison.Ordinal));
        await using var application = Server.Application(topology.Pod, 8080);
        await using var proxy = new RunningProxy(topology.Pod);
        await proxy.WaitUntilReadyAsync();
        await AssertEachCallLoopsOnceAsync(proxy, new Caller(topology.Client), PodV4, PodV6, 8080);
    }

    [Fact]
    public async Task A_leg_to_the_network_that_comes_back_is_reset_when_the_rules_spare_another_uid()
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--proxy-uid", "2102");
        await using var external = Server.Application(topology.Client, 7000);
        // Without the guard it would stop at this limit, not at the machine's.
        await using var proxy = new RunningProxy(topology.Pod, RunningProxy.Configuration + "limits: {maxConnections: 1000}\n");
        await proxy.WaitUntilNotCapturedAsync();
        await AssertEachCallLoopsOnceAsync(proxy, new Caller(topology.Pod, 1000, 1000), ExternalV4, ExternalV6, 7000);
    }

    [Fact]
    public async Task A_leg_that_comes_back_is_reset_while_it_shakes_hands_already()
    {
        using var authority = new MeshAuthority();
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--proxy-uid", "2102");
        await using var external = Server.Application(topology.Client, 7000);
        await using var proxy = new RunningProxy(topology.Pod, RunningProxy.Configuration + authority.IdentityOf("demo/web") + """

            mesh: {peers: [{destination: 0.0.0.0/0}, {destination: "::/0"}]}
            limits: {maxConnections: 1000}

            """);
        await proxy.WaitUntilNotCapturedAsync();
        await AssertEachCallLoopsOnceAsync(proxy, new Caller(topology.Pod, 1000, 1000), ExternalV4, ExternalV6, 7000);
    }

    [Fact]
    public async Task Direct_calls_to_the_capture_ports_are_reset_when_the_rules_let_them_through()
    {
        using var topology = new PodTopology();
        Load(topology, rule => !rule.Contains("reject with tcp reset", StringComparison.Ordinal));
        await using var proxy = new RunningProxy(topology.Pod);
        await proxy.WaitUntilReadyAsync();
        await AssertDirectCallsAreResetAsync(topology, proxy);
    }

    [Fact]
    public async Task Direct_calls_to_the_capture_ports_are_reset_when_there_are_no_rules_at_all()
    {
        using var topology = new PodTopology();
        await using var proxy = new RunningProxy(topology.Pod);
        await proxy.WaitUntilNotCapturedAsync();
        await AssertDirectCallsAreResetAsync(topology, proxy);
    }

    private static async Task AssertEachCallLoopsOnceAsync(RunningProxy proxy, Caller caller, string v4, string v6, int port)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            Assert.Equal("reset", await caller.CallAsync(i % 2 == 0 ? v4 : v6, port)));

        // Every call is one connection and its leg that came back, where it ends. A leg that another loop accepts before the one that
        // dials it has noted it down goes one round more: that happens to one in fifty, so one round more for everybody is ample.
        var lines = await proxy.SettledAccessLogAsync();
        Assert.Equal(Calls, lines.Count(line => line.Reason == "loop"));
        Assert.All(lines, line => Assert.True(line.Reason is "loop" or "upstreamReset" or "dialRefused" or "tlsPeerLeft", line.ToString()));
        Assert.InRange(lines.Count, 2 * Calls, 3 * Calls);
    }

    private static async Task AssertDirectCallsAreResetAsync(PodTopology topology, RunningProxy proxy)
    {
        var (app, remote) = (new Caller(topology.Pod, 1000, 1000), new Caller(topology.Client));
        (Caller Caller, string To, int Port, string Answer)[] calls =
        [
            (remote, PodV4, 15006, "reset"), (remote, PodV6, 15006, "reset"),
            // The outbound port is on the loopback alone.
            (remote, PodV4, 15001, "refused"), (remote, PodV6, 15001, "refused"),
            (app, PodV4, 15001, "refused"), (app, PodV6, 15001, "refused"),
            (app, PodV4, 15006, "reset"), (app, PodV6, 15006, "reset"),
            (app, "127.0.0.1", 15001, "reset"), (app, "::1", 15001, "reset"),
            (app, "127.0.0.1", 15006, "reset"), (app, "::1", 15006, "reset"),
        ];
        foreach (var (caller, to, port, answer) in calls)
        {
            Assert.Equal($"{to} {port} {answer}", $"{to} {port} {await caller.CallAsync(to, port)}");
        }

        var lines = await proxy.SettledAccessLogAsync();
        Assert.Equal(calls.Count(call => call.Answer == "reset"), lines.Count);
        // Which of the two depends on whether connection tracking is at work in the namespace.
        Assert.All(lines, line => Assert.True(line.Reason is "loop" or "notRedirected", line.ToString()));
    }

    /// <summary>The rules of <c>apply</c> without those that are not kept.</summary>
    private static void Load(PodTopology topology, Func<string, bool> keep)
    {
        var rules = NftRuleset.Render(SampleOptions.Parse("default")).Split('\n');
        var kept = rules.Where(keep).ToList();
        Assert.NotEqual(rules.Length, kept.Count);
        var answer = topology.Pod.RunWithInput(string.Join('\n', kept), "nft", "-f", "-");
        Assert.True(answer.ExitCode == 0, answer.All);
    }
}
