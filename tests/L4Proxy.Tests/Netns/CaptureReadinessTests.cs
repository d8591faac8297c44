namespace L4Proxy.Tests.Netns;

/// <summary>The proxy is ready when it has been captured itself, and says what is missing until then.</summary>
public sealed class CaptureReadinessTests
{
    public static TheoryData<string> Backends => ["nft", "iptables-nft", "iptables-legacy"];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Without_rules_it_is_not_ready_and_becomes_so_by_applying_them(string backend)
    {
        using var topology = new PodTopology();
        await using var proxy = new RunningProxy(topology.Pod);
        await proxy.WaitUntilNotCapturedAsync();
        var answer = await proxy.AskAsync(RunningProxy.HealthPort, "/readyz");
        Assert.Contains("503", answer, StringComparison.Ordinal);
        Assert.Contains("capture: Not captured: the probe to 127.6.7.8:15002 was refused", answer, StringComparison.Ordinal);
        Assert.Contains($"Not captured: the probe to [{PodTopology.PodV6}]:15002 was refused", answer, StringComparison.Ordinal);
        Assert.Contains("run 'l4proxy redirect apply'", answer, StringComparison.Ordinal);

        topology.Pod.MustRedirect("apply", "--backend", backend, "--ipv6", "off");
        var waited = topology.Pod.Run(L4ProxyBinary.Path, "wait", "--timeout", "1s");
        Assert.Equal(1, waited.ExitCode);
        Assert.Contains($"Not captured: the probe to [{PodTopology.PodV6}]:15002 was refused", waited.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("127.6.7.8", waited.Error, StringComparison.Ordinal);

        topology.Pod.MustRedirect("apply", "--backend", backend);
        await proxy.WaitUntilReadyAsync();
        Assert.Empty(await proxy.SettledAccessLogAsync());
    }
}
