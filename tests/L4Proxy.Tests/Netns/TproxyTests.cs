using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>What is special about taking inbound connections without rewriting them.</summary>
public sealed class TproxyTests
{
    public static TheoryData<string> Backends => ["nft", "iptables-nft", "iptables-legacy"];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_leg_with_the_downstreams_address_gets_its_answers_back(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy");
        await using var proxy = new TraceProxy(topology.Pod, tproxy: true, originalSource: true);
        await using var application = Server.Application(topology.Pod, 8080);
        Assert.Equal($"15006({PodV4}:8080)>APP8080[from {ClientV4}]", await new Caller(topology.Client).CallAsync(PodV4, 8080));
        Assert.Equal($"15006([{PodV6}]:8080)>APP8080[from {ClientV6}]", await new Caller(topology.Client).CallAsync(PodV6, 8080));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_downstream_port_that_is_used_again_at_once_is_captured_again(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy");
        await using var proxy = new TraceProxy(topology.Pod, tproxy: true);
        await using var application = Server.Application(topology.Pod, 8080);
        for (var i = 0; i < 3; i++)
        {
            // The proxy closes first, so the pod holds the four-tuple in TIME_WAIT when it comes again.
            Assert.Equal($"15006({PodV4}:8080)>APP8080[from {PodV4}]", await new Caller(topology.Client).CallAsync(PodV4, 8080, fromPort: 40000));
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Without_a_transparent_listener_the_application_is_not_reached_around_the_proxy(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy");
        await using var application = Server.Application(topology.Pod, 8080);
        Assert.Equal("timed out", await new Caller(topology.Client).CallAsync(PodV4, 8080));
    }
}
