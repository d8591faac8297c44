namespace L4Proxy.Tests.Netns;

/// <summary><c>l4proxy redirect</c> itself, in namespaces of its own: what it leaves behind, whatever happens.</summary>
public sealed class RedirectLifecycleTests
{
    private static readonly string[] BackendNames = ["nft", "iptables-nft", "iptables-legacy"];

    public static TheoryData<string> Backends => [.. BackendNames];

    public static TheoryData<string, string> BackendPairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var before in BackendNames)
            {
                foreach (var after in BackendNames.Where(name => !string.Equals(name, before, StringComparison.Ordinal)))
                {
                    pairs.Add(before, after);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Applying_four_times_is_applying_once(string backend)
    {
        using var topology = new PodTopology();
        var listings = Enumerable.Range(0, 4).Select(_ =>
        {
            topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy", "--exclude-outbound-ports", "25");
            return KernelRules.Listing(topology.Pod) + topology.Pod.MustRun("ip", "rule") + topology.Pod.MustRun("ip", "-6", "rule");
        }).ToList();
        Assert.Single(listings.Distinct(StringComparer.Ordinal));
        Assert.Equal(backend, Assert.Single(KernelRules.Holders(topology.Pod)));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Removing_leaves_nothing_of_ours_and_everything_of_others(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.RunWithInput("table inet other { chain c { type filter hook input priority 0; tcp dport 1 drop; }; }", "nft", "-f", "-");
        foreach (var program in new[] { "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy" })
        {
            topology.Pod.MustRun(program, "-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "2", "-j", "REDIRECT", "--to-ports", "3");
            topology.Pod.MustRun(program, "-t", "filter", "-A", "INPUT", "-p", "tcp", "--dport", "4", "-j", "DROP");
        }

        var before = Everything(topology.Pod);
        topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy");
        Assert.Single(KernelRules.Holders(topology.Pod));
        Assert.Contains($"Removed the rules of {backend}.", topology.Pod.MustRedirect("remove").Output, StringComparison.Ordinal);
        Assert.Equal(before, Everything(topology.Pod));
        Assert.Contains("There were no rules.", topology.Pod.MustRedirect("remove").Output, StringComparison.Ordinal);
        Assert.Equal(before, Everything(topology.Pod));
    }

    [Theory]
    [MemberData(nameof(BackendPairs))]
    public void Changing_the_backend_leaves_one_set_and_says_so(string before, string after)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", before);
        var answer = topology.Pod.MustRedirect("apply", "--backend", after);
        Assert.Contains($"Removed the rules of {before}; {after} has them now.", answer.Output, StringComparison.Ordinal);
        Assert.Equal(after, Assert.Single(KernelRules.Holders(topology.Pod)));
        topology.Pod.MustRedirect("verify");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Leaving_tproxy_mode_removes_its_chains_and_routes(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend);
        var redirect = Everything(topology.Pod);
        topology.Pod.MustRedirect("apply", "--backend", backend, "--mode", "tproxy");
        topology.Pod.MustRedirect("apply", "--backend", backend);
        Assert.Equal(redirect, Everything(topology.Pod));
    }

    [Theory]
    [InlineData("nft", "nft", "{ cat; echo 'add rule inet l4proxy nosuchchain accept'; } | /usr/sbin/nft \"$@\"")]
    [InlineData("iptables-nft", "iptables-nft-restore", "awk '/uid-owner 4242/ { print \"-A L4P_OUT -j NOSUCH\" } { print }' | /usr/sbin/iptables-nft-restore \"$@\"")]
    [InlineData("iptables-nft", "ip6tables-nft-restore", "awk '/uid-owner 4242/ { print \"-A L4P_OUT -j NOSUCH\" } { print }' | /usr/sbin/ip6tables-nft-restore \"$@\"")]
    [InlineData("iptables-legacy", "iptables-legacy-restore", "awk '/uid-owner 4242/ { print \"-A L4P_OUT -j NOSUCH\" } { print }' | /usr/sbin/iptables-legacy-restore \"$@\"")]
    [InlineData("iptables-legacy", "ip6tables-legacy-restore", "awk '/uid-owner 4242/ { print \"-A L4P_OUT -j NOSUCH\" } { print }' | /usr/sbin/ip6tables-legacy-restore \"$@\"")]
    public void A_rule_that_the_kernel_refuses_changes_nothing(string backend, string program, string script)
    {
        using var topology = new PodTopology();
        using var fakes = new FakePrograms(alone: false).With(program, script);
        var empty = Everything(topology.Pod);
        string[] apply = ["apply", "--backend", backend, "--proxy-uid", "4242", "--mode", "tproxy", "--exclude-outbound-ports", "25"];
        Assert.Equal(1, fakes.Redirect(topology.Pod, apply).ExitCode);
        Assert.Equal(empty, Everything(topology.Pod));

        topology.Pod.MustRedirect("apply", "--backend", backend, "--exclude-inbound-ports", "9090");
        var good = Everything(topology.Pod);
        var answer = fakes.Redirect(topology.Pod, apply);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("Nothing was changed.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(good, Everything(topology.Pod));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Without_permission_apply_and_remove_say_what_is_missing_and_change_nothing(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect("apply", "--backend", backend);
        var before = Everything(topology.Pod);
        foreach (var verb in new[] { new[] { "apply", "--backend", backend }, ["apply"], ["apply", "--mode", "tproxy"], ["remove"] })
        {
            string[] nobody = topology.Pod.As(65534, 65534, [L4ProxyBinary.Path, "redirect", .. verb]);
            var answer = CommandLine.Run("", nobody[0], nobody[1..]);
            Assert.Equal(1, answer.ExitCode);
            Assert.Contains("this needs CAP_NET_ADMIN", answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, Everything(topology.Pod));
    }

    [Fact]
    public void Where_no_program_is_installed_apply_names_the_packages()
    {
        using var pod = new NetworkNamespace("pod");
        using var nothing = new FakePrograms(alone: true);
        var answer = nothing.Redirect(pod, "apply");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("nft: nft is not installed; install the package nftables.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("iptables-legacy: iptables-legacy is not installed; install the package iptables.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(0, nothing.Redirect(pod, "remove").ExitCode);
    }

    [Fact]
    public void On_a_kernel_without_nat_apply_names_the_modules_and_changes_nothing()
    {
        using var pod = new NetworkNamespace("pod");
        using var kernel = new FakePrograms(alone: false)
            .Failing("nft", "/dev/stdin:10:8-17: Error: Could not process rule: No such file or directory\n\tchain prerouting {\n\t      ^^^^^^^^^^")
            .Failing("iptables-nft-restore", "iptables-nft-restore v1.8.9 (nf_tables): Could not fetch rule set generation id: Invalid argument")
            .Failing("iptables-legacy-restore", "iptables-legacy-restore v1.8.9 (legacy): iptables-restore: unable to initialize table 'nat'");
        var before = Everything(pod);
        var answer = kernel.Redirect(pod, "apply");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("modprobe nft_chain_nat", answer.Error, StringComparison.Ordinal);
        Assert.Contains("modprobe nf_tables", answer.Error, StringComparison.Ordinal);
        Assert.Contains("modprobe iptable_nat", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, Everything(pod));
    }

    [Fact]
    public void Where_nft_does_not_work_auto_takes_the_next_that_does()
    {
        using var topology = new PodTopology();
        using var fakes = new FakePrograms(alone: false).Failing("nft", "Error: Could not process rule: Operation not supported");
        Assert.Contains("Applied the rules with iptables-nft.", fakes.Redirect(topology.Pod, "apply").Output, StringComparison.Ordinal);
        fakes.Failing("iptables-nft-restore", "iptables-nft-restore: failed");
        topology.Pod.MustRedirect("remove");
        Assert.Contains("Applied the rules with iptables-legacy.", fakes.Redirect(topology.Pod, "apply").Output, StringComparison.Ordinal);
        topology.Pod.MustRedirect("verify");
    }

    [Fact]
    public void Where_the_socket_match_is_refused_nft_goes_on_without_it_and_says_what_is_lost()
    {
        using var topology = new PodTopology();
        using var fakes = new FakePrograms(alone: false).With("nft", """
            text=$(cat)
            case "$text" in *"socket wildcard"*) echo 'Error: syntax error, unexpected wildcard' >&2; exit 1;; esac
            printf '%s\n' "$text" | /usr/sbin/nft "$@"
            """);
        var answer = fakes.Redirect(topology.Pod, "apply");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("without the socket match", answer.Output, StringComparison.Ordinal);
        Assert.Equal("nft", Assert.Single(KernelRules.Holders(topology.Pod)));
        topology.Pod.MustRedirect("verify");
    }

    [Theory]
    [InlineData("iptables-nft", "ip6tables-nft-restore")]
    [InlineData("iptables-legacy", "ip6tables-legacy-restore")]
    public void IPv6_that_is_present_but_cannot_be_captured_fails_and_ipv4_is_put_back(string backend, string program)
    {
        using var topology = new PodTopology();
        using var fakes = new FakePrograms(alone: false).Failing(program, "ip6tables-restore: unable to initialize table 'nat'");
        var before = Everything(topology.Pod);
        var answer = fakes.Redirect(topology.Pod, "apply", "--backend", backend);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("but cannot be captured", answer.Error, StringComparison.Ordinal);
        Assert.Contains("modprobe ip6table_nat", answer.Error, StringComparison.Ordinal);
        Assert.Contains("--ipv6 off", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, Everything(topology.Pod));

        Assert.Equal(0, fakes.Redirect(topology.Pod, "apply", "--backend", backend, "--ipv6", "off").ExitCode);
        Assert.DoesNotContain("L4P_", topology.Pod.MustRun(program.Replace("-restore", "-save", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Where_ipv6_is_disabled_ipv4_is_captured_and_on_fails_the_proof(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRun("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1", "net.ipv6.conf.lo.disable_ipv6=1");
        topology.Pod.MustRedirect("apply", "--backend", backend);
        Assert.DoesNotContain("[", topology.Pod.MustRedirect("verify").Output, StringComparison.Ordinal);
        Assert.Contains("has no IPv6 address", topology.Pod.Redirect("verify", "--ipv6", "on").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_nodes_network_namespace_is_refused()
    {
        using var node = new NetworkNamespace("node");
        node.Ip("link add cni0 type veth peer name veth1");
        var answer = node.Redirect("apply");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("looks like a node's network namespace", answer.Error, StringComparison.Ordinal);
        Assert.Empty(KernelRules.Holders(node));
    }

    [Fact]
    public void Wrong_usage_is_2_and_every_error_is_told()
    {
        using var pod = new NetworkNamespace("pod");
        var answer = pod.Redirect("apply", "--exclude-inbound-ports", "80-,x", "--proxy-uid", "bob");
        Assert.Equal(2, answer.ExitCode);
        Assert.Equal(3, answer.Error.TrimEnd().Split('\n').Length);
        Assert.Equal(2, pod.Redirect("apply", "--no-such-option").ExitCode);
        Assert.Empty(KernelRules.Holders(pod));
    }

    private static string Everything(NetworkNamespace where) => KernelRules.Listing(where)
        + where.MustRun("ip", "rule") + where.MustRun("ip", "-6", "rule") + where.Run("ip", "route", "show", "table", "133").Output;
}
