using L4Proxy.Redirect;

namespace L4Proxy.Tests.Redirect;

public sealed class RedirectOptionsParserTests
{
    [Fact]
    public void No_options_mean_the_defaults_of_an_istio_sidecar()
    {
        var options = Accept(new());
        Assert.Equal((1337u, null, 15001, 15006), (options.ProxyUid, options.ProxyGid, options.OutboundPort, options.InboundPort));
        Assert.True(options.IncludeInboundPorts.IsAll);
        Assert.True(options.IncludeOutboundCidrs.IsAll);
        Assert.True(options.IncludeOutboundPorts.IsNone);
        Assert.Equal((RedirectBackend.Auto, InboundMode.Redirect, Ipv6Capture.Auto), (options.Backend, options.Mode, options.Ipv6));
    }

    [Fact]
    public void The_proxys_own_ports_are_never_captured_inbound_wherever_the_capture_ports_are()
    {
        var options = Accept(new() { OutboundPort = "16001", InboundPort = "16006" });
        Assert.All([15001, 15006, 15008, 15020, 15021, 15090, 16001, 16006], port => Assert.True(options.UncapturedInboundPorts.Contains(port)));
        Assert.False(options.UncapturedInboundPorts.Contains(8080));
    }

    [Theory]
    [InlineData("80", "80")]
    [InlineData(" 443 , 80 ", "80 443")]
    [InlineData("8000-8100,8050-8200,8201", "8000-8201")]
    [InlineData("65535,1", "1 65535")]
    [InlineData("65534-65535,65535", "65534-65535")]
    [InlineData("", "")]
    public void Ports_become_sorted_merged_ranges(string text, string canonical) =>
        Assert.Equal(canonical, string.Join(' ', Accept(new() { ExcludeInboundPorts = text }).ExcludeInboundPorts.Ranges.Select(range => range.Text('-'))));

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("fd77::1:2/64,FD00::/8", "fd00::/8")]
    [InlineData("10.1.0.0/16,fd00::1,10.0.0.0/8,9.0.0.0/8", "9.0.0.0/8 10.0.0.0/8 fd00::1/128")]
    [InlineData("0.0.0.0/0,::/0", "0.0.0.0/0 ::/0")]
    public void Networks_become_one_canonical_list_per_family(string text, string canonical)
    {
        var networks = Accept(new() { ExcludeOutboundCidrs = text }).ExcludeOutboundCidrs;
        Assert.Equal(canonical, string.Join(' ', networks.V4.Concat(networks.V6)));
    }

    [Theory]
    [InlineData("--exclude-inbound-ports", "0", "'0' is not a port or a range")]
    [InlineData("--exclude-inbound-ports", "65536", "'65536' is not a port")]
    [InlineData("--exclude-inbound-ports", "80,,90", "'' is not a port")]
    [InlineData("--exclude-inbound-ports", "90-80", "write 80-90")]
    [InlineData("--exclude-inbound-ports", "-80", "'-80' is not a port")]
    [InlineData("--exclude-inbound-ports", "80-", "'80-' is not a port")]
    [InlineData("--exclude-inbound-ports", "+80", "'+80' is not a port")]
    [InlineData("--exclude-inbound-ports", "http", "'http' is not a port")]
    [InlineData("--exclude-inbound-ports", "80 } ; flush ruleset", "flush ruleset' is not a port")]
    [InlineData("--exclude-inbound-ports", "*", "would exclude everything")]
    [InlineData("--include-inbound-ports", "80,*", "'*' stands with other values")]
    [InlineData("--exclude-outbound-cidrs", "10/8", "'10/8' is not an address or a network")]
    [InlineData("--exclude-outbound-cidrs", "010.0.0.1", "'010.0.0.1' is not an address")]
    [InlineData("--exclude-outbound-cidrs", "10.0.0.0/33", "'10.0.0.0/33' is not")]
    [InlineData("--exclude-outbound-cidrs", "10.0.0.0/", "'10.0.0.0/' is not")]
    [InlineData("--exclude-outbound-cidrs", "10.0.0.0/-1", "'10.0.0.0/-1' is not")]
    [InlineData("--exclude-outbound-cidrs", "fe80::1%eth0", "'fe80::1%eth0' is not")]
    [InlineData("--exclude-outbound-cidrs", "::ffff:10.0.0.1", "'::ffff:10.0.0.1' is not")]
    [InlineData("--exclude-outbound-cidrs", "[fd00::1]", "'[fd00::1]' is not")]
    [InlineData("--exclude-outbound-cidrs", "*", "would exclude everything")]
    [InlineData("--exclude-interfaces", "eth0 -j ACCEPT", "'eth0 -j ACCEPT' is not an interface name")]
    [InlineData("--exclude-interfaces", "eth+", "'eth+' is not an interface name")]
    [InlineData("--exclude-interfaces", "\"", "is not an interface name")]
    [InlineData("--exclude-interfaces", "abcdefghijklmnop", "is not an interface name")]
    [InlineData("--exclude-interfaces", "lo", "'lo' is how the proxy reaches the application")]
    [InlineData("--proxy-uid", "istio-proxy", "'istio-proxy' is not a numeric id")]
    [InlineData("--proxy-uid", "4294967295", "is not a numeric id")]
    [InlineData("--proxy-gid", "", "'' is not a numeric id")]
    [InlineData("--outbound-port", "15006", "15006 is the outbound port too")]
    [InlineData("--outbound-port", "15021", "15021 is the proxy's own")]
    [InlineData("--inbound-port", "15002", "15002 is the port of the capture probe")]
    [InlineData("--backend", "iptables", "use one of auto, nft, iptables-nft, iptables-legacy")]
    [InlineData("--mode", "TPROXY", "use one of redirect, tproxy")]
    [InlineData("--ipv6", "yes", "use one of auto, on, off")]
    public void A_wrong_token_is_named_together_with_what_would_do(string option, string text, string expected)
    {
        Assert.Null(RedirectOptionsParser.Parse(With(option, text), out var errors));
        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains(errors, error => error.StartsWith("--", StringComparison.Ordinal) && error.Contains("; ", StringComparison.Ordinal) && error.EndsWith('.'));
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var arguments = new RedirectArguments { ProxyUid = "x", ExcludeInboundPorts = "a,b", Ipv6 = "maybe", GuestInterfaces = "e/0" };
        Assert.Null(RedirectOptionsParser.Parse(arguments, out var errors));
        Assert.Equal(5, errors.Count);
    }

    [Fact]
    public void An_interface_cannot_be_excluded_and_a_guests_at_once()
    {
        Assert.Null(RedirectOptionsParser.Parse(new() { ExcludeInterfaces = "eth1", GuestInterfaces = "eth1,eth2" }, out var errors));
        Assert.Contains("'eth1' is in --exclude-interfaces too", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static RedirectOptions Accept(RedirectArguments arguments)
    {
        var options = RedirectOptionsParser.Parse(arguments, out var errors);
        Assert.Empty(errors);
        return options!;
    }

    private static RedirectArguments With(string option, string text) => option switch
    {
        "--exclude-inbound-ports" => new() { ExcludeInboundPorts = text },
        "--include-inbound-ports" => new() { IncludeInboundPorts = text },
        "--exclude-outbound-cidrs" => new() { ExcludeOutboundCidrs = text },
        "--exclude-interfaces" => new() { ExcludeInterfaces = text },
        "--proxy-uid" => new() { ProxyUid = text },
        "--proxy-gid" => new() { ProxyGid = text },
        "--outbound-port" => new() { OutboundPort = text },
        "--inbound-port" => new() { InboundPort = text },
        "--backend" => new() { Backend = text },
        "--mode" => new() { Mode = text },
        "--ipv6" => new() { Ipv6 = text },
        _ => throw new ArgumentOutOfRangeException(nameof(option)),
    };
}
