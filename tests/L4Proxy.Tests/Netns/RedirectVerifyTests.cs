using System.Text;
using L4Proxy.Redirect;

namespace L4Proxy.Tests.Netns;

/// <summary>The proof of capture: it holds with the rules, fails without, and cannot be fooled by whoever else answers.</summary>
public sealed class RedirectVerifyTests
{
    public static TheoryData<string> Backends => ["nft", "iptables-nft", "iptables-legacy"];

    [Fact]
    public void Without_rules_it_fails_and_says_what_would_do()
    {
        using var topology = new PodTopology();
        var answer = topology.Pod.Redirect("verify");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("Not captured: the probe to 127.6.7.8:15002 was refused", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"Not captured: the probe to [{PodTopology.PodV6}]:15002 was refused", answer.Error, StringComparison.Ordinal);
        Assert.Contains("run 'l4proxy redirect apply'", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void With_rules_both_families_arrive_with_their_original_destination(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend);
        var output = topology.Pod.MustRedirect("verify").Output;
        Assert.Contains("Captured: 127.6.7.8:15002 arrived on port 15006", output, StringComparison.Ordinal);
        Assert.Contains($"Captured: [{PodTopology.PodV6}]:15002 arrived on port 15006", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void With_rules_for_ipv4_only_it_fails_for_ipv6(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend, "--ipv6", "off");
        topology.Pod.MustRedirect("verify", "--ipv6", "off");
        var answer = topology.Pod.Redirect("verify");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains($"Not captured: the probe to [{PodTopology.PodV6}]:15002 was refused", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_for_another_uid_or_port_prove_nothing()
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--proxy-uid", "2102");
        Assert.Equal(1, topology.Pod.Redirect("verify").ExitCode);
        topology.Pod.MustRedirect("verify", "--proxy-uid", "2102");
        Assert.Equal(1, topology.Pod.Redirect("verify", "--proxy-uid", "2102", "--inbound-port", "16006").ExitCode);
    }

    [Fact]
    public void It_runs_as_the_proxy_itself_but_as_nobody_else()
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply");
        var proxy = Run(topology.Pod.As(1337, 1337, L4ProxyBinary.Path, "redirect", "verify"));
        Assert.True(proxy.ExitCode == 0, proxy.All);
        var other = Run(topology.Pod.As(1000, 1000, L4ProxyBinary.Path, "redirect", "verify"));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("must run as root or as uid 1337; it runs as uid 1000 gid 1000", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_that_may_not_change_its_uid_is_told_what_is_missing()
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply");
        var answer = topology.Pod.Run("setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid", L4ProxyBinary.Path, "redirect", "verify");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("add the capabilities SETUID and SETGID", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task The_proxy_that_runs_answers_in_place_of_verify(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend);
        await using var proxy = AnsweringProxy(topology.Pod);
        var answer = topology.Pod.MustRedirect("verify");
        Assert.Contains("Asked the proxy that runs here.", answer.Output, StringComparison.Ordinal);
        Assert.Contains($"Captured: [{PodTopology.PodV6}]:15002", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_on_the_probes_port_is_not_taken_for_the_proxy()
    {
        using var topology = new PodTopology();
        await using var stranger = Server.Application(topology.Pod, CaptureProbe.Port);
        var answer = topology.Pod.Redirect("verify");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("something other than the proxy answered at 127.6.7.8:15002", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_init_script_applies_verifies_and_passes_on_the_exit_code(int expected)
    {
        using var topology = new PodTopology();
        var script = Path.Combine(RepositoryRoot(), "scripts", "pod-init.sh");
        string[] options = expected switch { 0 => ["--exclude-inbound-ports", "9090"], 1 => ["--ipv6", "on"], _ => ["--ipv6", "perhaps"] };
        if (expected == 1)
        {
            topology.Pod.MustRun("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
        }

        var answer = topology.Pod.Run(["env", $"L4PROXY={L4ProxyBinary.Path}", script, .. options]);
        Assert.True(answer.ExitCode == expected, answer.All);
    }

    private static Server AnsweringProxy(NetworkNamespace pod) => new(
        pod,
        15006,
        async (accepted, cancellationToken) =>
        {
            var line = CaptureProbe.Answer(TraceProxy.OriginalDestination(accepted), Server.Address(accepted.RemoteEndPoint!), "instance-1");
            await accepted.SendAsync(Encoding.ASCII.GetBytes(line ?? ""), cancellationToken);
        },
        TraceProxy.Uid,
        TraceProxy.Uid);

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "L4Proxy.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static CommandAnswer Run(string[] command) => CommandLine.Run("", command[0], command[1..]);
}
