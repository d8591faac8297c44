using System.Globalization;
using System.Net;
using System.Text;

namespace L4Proxy.Redirect;

/// <summary>
/// The model as one nft transaction that replaces our table whole. The Rn at the line ends name the rules and are the same in
/// <see cref="IptablesRuleset"/>; what each is for is said where it is written here.
/// </summary>
internal sealed class NftRuleset
{
    public const string Table = "inet l4proxy";

    private readonly RedirectOptions _options;
    private readonly bool _socketMatch;
    private readonly StringBuilder _text = new();

    private NftRuleset(RedirectOptions options, bool socketMatch) => (_options, _socketMatch) = (options, socketMatch && options.AsksForListener);

    /// <param name="options">What to capture.</param>
    /// <param name="socketMatch">Whether inbound asks if the application listens (kernel 5.10 and nft 0.9.8 or later).</param>
    public static string Render(RedirectOptions options, bool socketMatch = true) => new NftRuleset(options, socketMatch).Render();

    /// <summary>Removes our table; succeeds where there is none.</summary>
    public static string RenderRemoval() => $"table {Table}\ndelete table {Table}\n";

    private string Render()
    {
        // "delete" fails on a missing table, so the empty declaration before it makes the transaction the same the first time and every time.
        Line($"table {Table}");
        Line($"delete table {Table}");
        Line($"table {Table} {{");
        Sets();
        Invalid();
        Prerouting();
        if (_options.Mode == InboundMode.Tproxy)
        {
            Tproxy();
        }

        Output();
        FromProxy();
        Input();
        Line("}");
        return _text.ToString();
    }

    private void Sets()
    {
        Ports("capture_ports", PortSet.None.With(_options.OutboundPort, _options.InboundPort));
        Ports("in_skip_ports", _options.UncapturedInboundPorts);
        Ports("in_ports", _options.IncludeInboundPorts);
        Ports("out_skip_ports", _options.ExcludeOutboundPorts);
        Set("out_skip_v4", "ipv4_addr", Texts(_options.ExcludeOutboundCidrs.V4));
        Set("out_skip_v6", "ipv6_addr", Texts(_options.ExcludeOutboundCidrs.V6));
        if (!_options.CapturesEveryOutboundAddress)
        {
            Ports("out_ports", _options.IncludeOutboundPorts);
            Set("out_v4", "ipv4_addr", Texts(_options.IncludeOutboundCidrs.V4));
            Set("out_v6", "ipv6_addr", Texts(_options.IncludeOutboundCidrs.V6));
        }

        Set("skip_ifaces", "ifname", [.. _options.ExcludeInterfaces.Select(name => $"\"{name}\"")], interval: false);
        Set("guest_ifaces", "ifname", [.. _options.GuestInterfaces.Select(name => $"\"{name}\"")], interval: false);
    }

    // Segments conntrack cannot place are not translated: they would reach the application's port untouched and be answered with a
    // reset that the downstream believes. Only TCP to this host, so that asymmetric or forwarded traffic is left alone.
    private void Invalid()
    {
        Chain("invalid", "filter", "prerouting", -150);
        SkipIpv6();
        Rule("meta l4proto tcp ct state invalid fib daddr type local counter drop", "R1");
        Line("\t}");
    }

    private void Prerouting()
    {
        var redirect = _options.Mode == InboundMode.Redirect;
        if (!redirect && _options.GuestInterfaces.Count == 0)
        {
            return;
        }

        Chain("prerouting", "nat", "prerouting", -100);
        SkipIpv6();
        Rule("meta l4proto != tcp return", "R2");
        Rule("iifname \"lo\" return", "R3");
        SkipInterfaces("iifname", "R4");
        if (_options.GuestInterfaces.Count > 0)
        {
            // What a guest sends through the pod is outbound; without this rule it would leave uncaptured.
            Rule($"iifname @guest_ifaces fib daddr type != local meta l4proto tcp counter redirect to :{_options.OutboundPort}", "R5");
        }

        if (redirect)
        {
            // Inbound means "addressed to this pod": forwarded traffic is not ours.
            Rule("fib daddr type != local return", "R6");
            CapturedPortsOnly("R7");
            if (!_options.IncludeInboundPorts.IsNone)
            {
                // Only where the application would have accepted, so that a closed port refuses and TCP probes tell the truth.
                var listener = _socketMatch ? "socket wildcard { 0, 1 } " : "";
                Rule($"meta l4proto tcp {listener}counter redirect to :{_options.InboundPort}", "R8");
            }
        }

        Line("\t}");
    }

    private void Tproxy()
    {
        Chain("tproxy_in", "filter", "prerouting", -140);
        SkipIpv6();
        Rule("meta l4proto != tcp return", "R2");
        // A leg that keeps the downstream's address carries the mark; remembering it lets the answers be routed back to lo.
        Rule($"iifname \"lo\" meta mark {Hex(TrafficMarks.OriginalSource)} ct mark set meta mark", "T1");
        Rule("iifname \"lo\" return", "R3");
        SkipInterfaces("iifname", "R4");
        Rule("fib daddr type != local return", "R6");
        // Unlike nat, this sees every packet: answers to what the pod itself opened have a socket too, and it is not the proxy's inbound one.
        Rule("ct direction reply return", "T6");
        CapturedPortsOnly("R7");
        if (!_options.IncludeInboundPorts.IsNone)
        {
            if (_socketMatch)
            {
                // Ours in TIME_WAIT have no "wildcard": without this a reused port would slip through to the application.
                Rule("meta l4proto tcp socket transparent 1 goto to_proxy", "T2");
                Rule("meta l4proto tcp socket wildcard { 0, 1 } goto to_proxy", "R8");
            }
            else
            {
                Rule("meta l4proto tcp goto to_proxy", "R8");
            }
        }

        Line("\t}");
        Line("\tchain to_proxy {");
        Rule($"meta l4proto tcp counter tproxy to :{_options.InboundPort} accept", "T3");
        // tproxy passes the packet on when nobody listens with IP_TRANSPARENT; it must not reach the application around the proxy.
        Rule("counter drop", "T4");
        Line("\t}");
        Chain("tproxy_out", "route", "output", -150);
        SkipIpv6();
        Rule($"meta l4proto tcp ct mark {Hex(TrafficMarks.OriginalSource)} meta mark set ct mark", "T5");
        Line("\t}");
    }

    private void Output()
    {
        // Not "dstnat": nft refuses that name on this hook.
        Chain("output", "nat", "output", -100);
        SkipIpv6();
        Rule("meta l4proto != tcp return", "R9");
        SkipInterfaces("oifname", "R10");
        var gid = _options.ProxyGid is { } id ? string.Create(CultureInfo.InvariantCulture, $" meta skgid {id}") : "";
        Rule($"meta skuid {_options.ProxyUid}{gid} goto from_proxy", "R11");
        Rule("oifname \"lo\" return", "R12");
        if (!_options.ExcludeOutboundPorts.IsNone)
        {
            Rule("tcp dport @out_skip_ports return", "R13");
        }

        foreach (var (word, suffix, networks) in Families(_options.ExcludeOutboundCidrs))
        {
            if (networks.Count > 0)
            {
                Rule($"{word} daddr @out_skip_{suffix} return", "R14");
            }
        }

        CaptureOutbound();
        Line("\t}");
    }

    private void CaptureOutbound()
    {
        var redirect = $"meta l4proto tcp counter redirect to :{_options.OutboundPort}";
        if (_options.CapturesEveryOutboundAddress)
        {
            Rule(redirect, "R15");
            return;
        }

        if (!_options.IncludeOutboundPorts.IsNone)
        {
            Rule($"tcp dport @out_ports {redirect}", "R15");
        }

        foreach (var (word, suffix, networks) in Families(_options.IncludeOutboundCidrs))
        {
            if (networks.Count > 0)
            {
                Rule($"{word} daddr @out_{suffix} {redirect}", "R15");
            }
        }
    }

    // Everything the proxy opens leaves the capture, except its calls to its own pod (a VIP that resolved to us): those come back
    // inbound, so that the pod's own policy judges them as it would judge anybody's.
    private void FromProxy()
    {
        Line("\tchain from_proxy {");
        Rule("oifname != \"lo\" return", "R16");
        Rule("ip daddr 127.0.0.1 return", "R17");
        Rule("ip6 daddr ::1 return", "R17");
        Rule($"ip dscp {Hex(TrafficMarks.ApplicationLegDscp)} return", "R18");
        Rule($"ip6 dscp {Hex(TrafficMarks.ApplicationLegDscp)} return", "R18");
        if (_options.ProbeNeedsRule)
        {
            Rule($"tcp dport {CaptureProbe.Port} counter redirect to :{_options.InboundPort}", "probe");
        }

        if (!_options.IncludeInboundPorts.IsNone)
        {
            CapturedPortsOnly("R19");
            Rule($"meta l4proto tcp counter redirect to :{_options.InboundPort}", "R20");
        }

        Line("\t}");
    }

    // The capture ports are reachable by redirection only: SO_ORIGINAL_DST answers for a direct call too, with the local address.
    private void Input()
    {
        Chain("input", "filter", "input", 0);
        Rule("tcp dport @capture_ports ct state new ct status & dnat == 0 counter reject with tcp reset", "R21");
        Line("\t}");
    }

    private void CapturedPortsOnly(string name)
    {
        Rule("tcp dport @in_skip_ports return", name);
        if (_options.IncludeInboundPorts is { IsAll: false, IsNone: false })
        {
            Rule("tcp dport != @in_ports return", name);
        }
    }

    private void SkipInterfaces(string direction, string name)
    {
        if (_options.ExcludeInterfaces.Count > 0)
        {
            Rule($"{direction} @skip_ifaces return", name);
        }
    }

    private void SkipIpv6()
    {
        if (_options.Ipv6 == Ipv6Capture.Off)
        {
            Rule("meta nfproto ipv6 return", "--ipv6 off");
        }
    }

    private void Ports(string name, PortSet ports) => Set(name, "inet_service", [.. ports.Ranges.Select(range => range.Text('-'))]);

    private void Set(string name, string type, string[] elements, bool interval = true)
    {
        if (elements.Length > 0)
        {
            Line($"\tset {name} {{ type {type}; {(interval ? "flags interval; " : "")}elements = {{ {string.Join(", ", elements)} }}; }}");
        }
    }

    private void Chain(string name, string type, string hook, int priority)
    {
        Line($"\tchain {name} {{");
        Line($"\t\ttype {type} hook {hook} priority {priority.ToString(CultureInfo.InvariantCulture)}; policy accept;");
    }

    private void Rule(string rule, string name) => Line($"\t\t{rule} # {name}");

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string[] Texts(IReadOnlyList<IPNetwork> networks) => [.. networks.Select(network => network.ToString())];

    private static (string Word, string Suffix, IReadOnlyList<IPNetwork> Networks)[] Families(CidrSet networks) =>
        [("ip", "v4", networks.V4), ("ip6", "v6", networks.V6)];

    private static string Hex(int value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
