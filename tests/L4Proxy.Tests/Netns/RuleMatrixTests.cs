using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>What the rules mean in a real kernel, row by row, for every backend and both families.</summary>
public sealed class RuleMatrixTests
{
    private static readonly string[] Options =
    [
        "--exclude-inbound-ports", "9090", "--exclude-outbound-ports", "7443", "--exclude-outbound-cidrs", $"{ClientV4},{ClientV6}",
    ];

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task In_redirect_mode_every_row_of_the_capture_matrix_holds(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect(["apply", "--backend", backend, .. Options]);
        await AssertMatrixAsync(topology, tproxy: false, uidAndGid: false);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task In_tproxy_mode_every_row_of_the_capture_matrix_holds(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect(["apply", "--backend", backend, "--mode", "tproxy", .. Options]);
        await AssertMatrixAsync(topology, tproxy: true, uidAndGid: false);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task With_a_proxy_gid_the_uid_alone_is_captured(string backend)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect(["apply", "--backend", backend, "--proxy-gid", "1337", .. Options]);
        await AssertMatrixAsync(topology, tproxy: false, uidAndGid: true);
    }

    [Theory]
    [InlineData("nft", "redirect")]
    [InlineData("iptables-nft", "redirect")]
    [InlineData("iptables-legacy", "redirect")]
    [InlineData("nft", "tproxy")]
    [InlineData("iptables-nft", "tproxy")]
    [InlineData("iptables-legacy", "tproxy")]
    public async Task Guests_and_include_lists_capture_exactly_what_they_name(string backend, string mode)
    {
        using var topology = new PodTopology();
        topology.Pod.MustRedirect(
            "apply", "--backend", backend, "--mode", mode, "--guest-interfaces", GuestInterface, "--include-inbound-ports", "8080",
            "--include-outbound-ports", "7443", "--include-outbound-cidrs", $"{ClientV4},{ClientV6}");
        await using var servers = new Servers(topology, mode == "tproxy");
        var (app, guest, remote) = (new Caller(topology.Pod, 1000, 1000), new Caller(topology.Guest), new Caller(topology.Client));
        await AssertRowsAsync(
        [
            ("remote→pod:8080", remote, PodV4, PodV6, 8080, "15006({to}:8080)>APP8080[from {pod}]"),
            ("remote→pod:9090, not included", remote, PodV4, PodV6, 9090, "APP9090[from {client}]"),
            ("app→client:7000, included network", app, ClientV4, ClientV6, 7000, "15001({to}:7000)>APP7000[from {pod}]"),
            ("app→external:7443, included port", app, ExternalV4, ExternalV6, 7443, "15001({to}:7443)>APP7443[from {pod}]"),
            ("app→external:7000, neither", app, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]"),
            ("guest→external:7000", guest, ExternalV4, ExternalV6, 7000, "15001({to}:7000)>APP7000[from {pod}]"),
        ]);
    }

    private static async Task AssertMatrixAsync(PodTopology topology, bool tproxy, bool uidAndGid)
    {
        await using var servers = new Servers(topology, tproxy);
        var remote = new Caller(topology.Client);
        var (app, root, proxy) = (new Caller(topology.Pod, 1000, 1000), new Caller(topology.Pod), new Caller(topology.Pod, 1337, 1337));
        const string CapturedOut = "15001({to}:7000)>APP7000[from {pod}]";
        await AssertRowsAsync(
        [
            ("remote→pod:8080", remote, PodV4, PodV6, 8080, "15006({to}:8080)>APP8080[from {pod}]"),
            ("remote→pod:9090, excluded", remote, PodV4, PodV6, 9090, "APP9090[from {client}]"),
            ("remote→pod:15021, the proxy's own", remote, PodV4, PodV6, 15021, "APP15021[from {client}]"),
            ("remote→pod:8081, nobody listens", remote, PodV4, PodV6, 8081, "refused"),
            ("remote→pod:15006, direct", remote, PodV4, PodV6, 15006, "refused"),
            ("remote→pod:15001, direct", remote, PodV4, PodV6, 15001, "refused"),
            ("app→external:7000", app, ExternalV4, ExternalV6, 7000, CapturedOut),
            ("root→external:7000", root, ExternalV4, ExternalV6, 7000, CapturedOut),
            ("app→external:7443, excluded port", app, ExternalV4, ExternalV6, 7443, "APP7443[from {pod}]"),
            ("app→client:7000, excluded network", app, ClientV4, ClientV6, 7000, "APP7000[from {pod}]"),
            ("app→external:15001, somebody else's", app, ExternalV4, ExternalV6, 15001, "15001({to}:15001)>APP15001[from {pod}]"),
            ("app→external:7001, nobody listens", app, ExternalV4, ExternalV6, 7001, "reset"),
            ("app→loopback:8080", app, "127.0.0.1", "::1", 8080, "APP8080[from {to}]"),
            ("app→own pod:8080", app, PodV4, PodV6, 8080, "APP8080[from {to}]"),
            ("app→service that is the pod itself", app, ServiceV4, ServiceV6, 80, "15001({to}:80)>15006({pod}:8080)>APP8080[from {pod}]"),
            ("app→loopback:15001, direct", app, "127.0.0.1", "::1", 15001, "refused"),
            ("app→loopback:15006, direct", app, "127.0.0.1", "::1", 15006, "refused"),
            ("app→own pod:15001, direct", app, PodV4, PodV6, 15001, "refused"),
            ("app→own pod:15006, direct", app, PodV4, PodV6, 15006, "refused"),
            ("proxy→external:7000", proxy, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]"),
            ("proxy→loopback:8080", proxy, "127.0.0.1", "::1", 8080, "APP8080[from {to}]"),
            ("proxy→own pod:8080", proxy, PodV4, PodV6, 8080, "15006({to}:8080)>APP8080[from {to}]"),
            ("proxy→own pod:9090, excluded", proxy, PodV4, PodV6, 9090, "APP9090[from {to}]"),
            ("proxy uid, other gid→external:7000", proxy with { Gid = 1000 }, ExternalV4, ExternalV6, 7000, uidAndGid ? CapturedOut : "APP7000[from {pod}]"),
            ("other uid, proxy gid→external:7000", app with { Gid = 1337 }, ExternalV4, ExternalV6, 7000, CapturedOut),
            ("guest→external:7000, forwarded", new Caller(topology.Guest), ExternalV4, ExternalV6, 7000, "APP7000[from {guest}]"),
            ("client→guest:7000, forwarded", remote, GuestV4, GuestV6, 7000, "APP7000[from {client}]"),
        ]);
    }

    private static async Task AssertRowsAsync((string Row, Caller Caller, string V4, string V6, int Port, string Expected)[] rows)
    {
        var (expected, actual) = (new List<string>(), new List<string>());
        foreach (var (row, caller, v4, v6, port, answer) in rows)
        {
            expected.Add($"{row}, IPv4: {Fill(answer, v4, PodV4, ClientV4, GuestV4)}");
            actual.Add($"{row}, IPv4: {await caller.CallAsync(v4, port)}");
            expected.Add($"{row}, IPv6: {Fill(answer, $"[{v6}]", $"[{PodV6}]", $"[{ClientV6}]", $"[{GuestV6}]")}");
            actual.Add($"{row}, IPv6: {await caller.CallAsync(v6, port)}");
        }

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    // An end point has brackets around an IPv6 address, an address alone has none.
    private static string Fill(string answer, string to, string pod, string client, string guest) => answer
        .Replace("{to}:", to + ":", StringComparison.Ordinal).Replace("{pod}:", pod + ":", StringComparison.Ordinal)
        .Replace("{to}", to.Trim('[', ']'), StringComparison.Ordinal).Replace("{pod}", pod.Trim('[', ']'), StringComparison.Ordinal)
        .Replace("{client}", client.Trim('[', ']'), StringComparison.Ordinal).Replace("{guest}", guest.Trim('[', ']'), StringComparison.Ordinal);

    private sealed class Servers(PodTopology topology, bool tproxy) : IAsyncDisposable
    {
        private readonly IAsyncDisposable[] _all =
        [
            new TraceProxy(topology.Pod, tproxy),
            .. new[] { 8080, 9090, 15021 }.Select(port => Server.Application(topology.Pod, port)),
            .. new[] { 7000, 7443, 15001 }.Select(port => Server.Application(topology.Client, port)),
            Server.Application(topology.Guest, 7000),
        ];

        public async ValueTask DisposeAsync()
        {
            foreach (var one in _all)
            {
                await one.DisposeAsync();
            }
        }
    }
}
