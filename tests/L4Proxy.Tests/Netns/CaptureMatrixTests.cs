using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>The capture matrix with the product itself: what callers are answered, and what the access log says of it.</summary>
public sealed class CaptureMatrixTests
{
    private const string CapturedOut = "outbound {to} 7000 from {pod} completed";
    private const string Nothing = "-";

    private static readonly string[] Rules =
    [
        "--exclude-inbound-ports", "9090", "--exclude-outbound-ports", "7443", "--exclude-outbound-cidrs", $"{ClientV4},{ClientV6}",
    ];

    public static TheoryData<string> Backends => ["nft", "iptables-nft", "iptables-legacy"];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task In_redirect_mode_every_row_holds(string backend)
    {
        // A static listener dials its upstream as the proxy dials a service address that turns out to be its own pod.
        await using var pod = await ProxiedPod.StartAsync(backend, Rules, RunningProxy.Configuration + $$"""
            forward:
              - {listen: "127.0.0.1:9001", upstream: "{{PodV4}}:8080"}
              - {listen: "[::1]:9001", upstream: "[{{PodV6}}]:8080"}
            """);
        Assert.Equal("0000000000000000", pod.Proxy.EffectiveCapabilities);
        await AssertMatrixAsync(pod);
        foreach (var address in new[] { PodV4, PodV6 })
        {
            var health = await pod.Remote.CallAsync(address, RunningProxy.HealthPort, say: "GET /readyz HTTP/1.0\r\n\r\n");
            Assert.Contains("200 OK", health, StringComparison.Ordinal);
        }

        Assert.Empty(await pod.NewLinesAsync());

        Assert.Equal($"APP8080[from {PodV4}]", await pod.Application.CallAsync("127.0.0.1", 9001));
        Assert.Equal($"APP8080[from {PodV6}]", await pod.Application.CallAsync("::1", 9001));
        Assert.Equal(
            $"""
            forward from 127.0.0.1 completed
            forward from ::1 completed
            inbound {PodV4} 8080 from {PodV4} completed
            inbound {PodV6} 8080 from {PodV6} completed
            """,
            string.Join('\n', (await pod.NewLinesAsync()).Select(line => line.ToString()).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task In_tproxy_mode_every_row_holds(string backend)
    {
        await using var pod = await ProxiedPod.StartAsync(
            backend, ["--mode", "tproxy", .. Rules],
            RunningProxy.Configuration.Replace("15006}", "15006, mode: tproxy}", StringComparison.Ordinal), capability: "net_admin");
        Assert.Equal("0000000000001000", pod.Proxy.EffectiveCapabilities);
        await AssertMatrixAsync(pod);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task With_a_proxy_gid_the_uid_alone_is_captured(string backend)
    {
        await using var pod = await ProxiedPod.StartAsync(backend, ["--proxy-gid", "1337"]);
        var (proxy, remote) = (pod.ProxyItself, pod.Remote);
        await pod.AssertRowsAsync(
            new("remote→pod:8080", remote, PodV4, PodV6, 8080, "APP8080[from {pod}]", "inbound {to} 8080 from {client} completed"),
            new("proxy→external:7000", proxy, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]", Nothing),
            new("proxy uid, other gid→external:7000", proxy with { Gid = 1000 }, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]",
                CapturedOut),
            new("other uid, proxy gid→external:7000", proxy with { Uid = 1000 }, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]",
                CapturedOut));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Guests_and_include_lists_capture_exactly_what_they_name(string backend)
    {
        await using var pod = await ProxiedPod.StartAsync(
            backend,
            [
                "--guest-interfaces", GuestInterface, "--include-inbound-ports", "8080,8081",
                "--include-outbound-ports", "7443", "--include-outbound-cidrs", $"{ClientV4},{ClientV6}",
            ],
            RunningProxy.Configuration.Replace("15006}", "15006, guests: true}", StringComparison.Ordinal));
        var (app, guest, remote) = (pod.Application, pod.Guest, pod.Remote);
        await pod.AssertRowsAsync(
            new("remote→pod:8080", remote, PodV4, PodV6, 8080, "APP8080[from {pod}]", "inbound {to} 8080 from {client} completed"),
            new("remote→pod:9090, not included", remote, PodV4, PodV6, 9090, "APP9090[from {client}]", Nothing),
            // With guests the rules cannot ask whether somebody listens, so the proxy finds out.
            new("remote→pod:8081, nobody listens", remote, PodV4, PodV6, 8081, "reset", "inbound {to} 8081 from {client} dialRefused"),
            new("app→client:7000, included network", app, ClientV4, ClientV6, 7000, "APP7000[from {pod}]", CapturedOut),
            new("app→external:7443, included port", app, ExternalV4, ExternalV6, 7443, "APP7443[from {pod}]",
                "outbound {to} 7443 from {pod} completed"),
            new("app→external:7000, neither", app, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]", Nothing),
            new("guest→external:7000", guest, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]",
                "outbound {to} 7000 from {guest} completed"),
            new("guest→external:7001, nobody listens", guest, ExternalV4, ExternalV6, 7001, "reset",
                "outbound {to} 7001 from {guest} dialRefused"),
            new("guest→pod:15001, direct", guest, "172.30.0.1", "fd30::1", 15001, "refused", Nothing),
            new("guest→pod:15006, direct", guest, "172.30.0.1", "fd30::1", 15006, "refused", Nothing),
            new("client→guest:7000, forwarded", remote, GuestV4, GuestV6, 7000, "APP7000[from {client}]", Nothing));
    }

    private static Task AssertMatrixAsync(ProxiedPod pod)
    {
        var (remote, guest, app, proxy) = (pod.Remote, pod.Guest, pod.Application, pod.ProxyItself);
        var root = app with { Uid = 0, Gid = 0 };
        return pod.AssertRowsAsync(
            new("remote→pod:8080", remote, PodV4, PodV6, 8080, "APP8080[from {pod}]", "inbound {to} 8080 from {client} completed"),
            new("remote→pod:9090, excluded", remote, PodV4, PodV6, 9090, "APP9090[from {client}]", Nothing),
            new("remote→pod:8081, nobody listens", remote, PodV4, PodV6, 8081, "refused", Nothing),
            new("remote→pod:15006, direct", remote, PodV4, PodV6, 15006, "refused", Nothing),
            new("remote→pod:15001, direct", remote, PodV4, PodV6, 15001, "refused", Nothing),
            new("app→external:7000", app, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]", CapturedOut),
            new("root→external:7000", root, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]", CapturedOut),
            new("app→external:7443, excluded port", app, ExternalV4, ExternalV6, 7443, "APP7443[from {pod}]", Nothing),
            new("app→client:7000, excluded network", app, ClientV4, ClientV6, 7000, "APP7000[from {pod}]", Nothing),
            new("app→external:15001, somebody else's", app, ExternalV4, ExternalV6, 15001, "APP15001[from {pod}]",
                "outbound {to} 15001 from {pod} completed"),
            new("app→external:7001, nobody listens", app, ExternalV4, ExternalV6, 7001, "reset",
                "outbound {to} 7001 from {pod} dialRefused"),
            new("app→loopback:8080", app, "127.0.0.1", "::1", 8080, "APP8080[from {to}]", Nothing),
            new("app→own pod:8080", app, PodV4, PodV6, 8080, "APP8080[from {pod}]", Nothing),
            new("app→loopback:15001, direct", app, "127.0.0.1", "::1", 15001, "refused", Nothing),
            new("app→loopback:15006, direct", app, "127.0.0.1", "::1", 15006, "refused", Nothing),
            new("app→own pod:15001, direct", app, PodV4, PodV6, 15001, "refused", Nothing),
            new("app→own pod:15006, direct", app, PodV4, PodV6, 15006, "refused", Nothing),
            new("proxy→external:7000", proxy, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]", Nothing),
            new("proxy→loopback:8080", proxy, "127.0.0.1", "::1", 8080, "APP8080[from {to}]", Nothing),
            new("proxy→own pod:8080", proxy, PodV4, PodV6, 8080, "APP8080[from {pod}]", "inbound {to} 8080 from {pod} completed"),
            new("proxy→own pod:8081, nobody listens", proxy, PodV4, PodV6, 8081, "reset", "inbound {to} 8081 from {pod} dialRefused"),
            new("proxy→own pod:9090, excluded", proxy, PodV4, PodV6, 9090, "APP9090[from {pod}]", Nothing),
            new("proxy uid, other gid→external:7000", proxy with { Gid = 1000 }, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]",
                Nothing),
            new("other uid, proxy gid→external:7000", app with { Gid = 1337 }, ExternalV4, ExternalV6, 7000, "APP7000[from {pod}]",
                CapturedOut),
            new("guest→external:7000, forwarded", guest, ExternalV4, ExternalV6, 7000, "APP7000[from {guest}]", Nothing),
            new("client→guest:7000, forwarded", remote, GuestV4, GuestV6, 7000, "APP7000[from {client}]", Nothing));
    }
}
