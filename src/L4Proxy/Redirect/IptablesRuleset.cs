using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Redirect;

/// <summary>
/// The same rules as <see cref="NftRuleset"/> for one family, as the tables of an iptables-restore payload. Rules are numbered there.
/// </summary>
internal sealed class IptablesRuleset
{
    /// <summary>What begins the name of every chain of ours, and of nobody else's.</summary>
    public const string ChainPrefix = "L4P_";

    /// <summary>Ports one multiport match holds (XT_MULTI_PORTS in the kernel).</summary>
    private const int MultiportSlots = 15;

    private readonly RedirectOptions _options;
    private readonly AddressFamily _family;
    private readonly List<IptablesTable> _tables = [];

    private IptablesRuleset(RedirectOptions options, AddressFamily family) => (_options, _family) = (options, family);

    /// <summary>
    /// In the order they are committed. A payload is atomic per table only, so nat, which does the capturing, comes last: whatever fails
    /// before it, there is no half of a capture.
    /// </summary>
    public static IReadOnlyList<IptablesTable> Tables(RedirectOptions options, AddressFamily family)
    {
        var ruleset = new IptablesRuleset(options, family);
        ruleset.Mangle();
        ruleset.Filter();
        ruleset.Nat();
        return ruleset._tables;
    }

    /// <summary>What a first <c>apply</c> feeds to iptables-restore.</summary>
    public static string Render(RedirectOptions options, AddressFamily family)
    {
        var text = new StringBuilder();
        foreach (var table in Tables(options, family))
        {
            table.AppendTo(text, existing: null);
        }

        return text.ToString();
    }

    private void Mangle()
    {
        var table = Add("mangle");
        table.Chain("L4P_INVALID", hook: "PREROUTING")
            .Rule("-p tcp -m conntrack --ctstate INVALID -m addrtype --dst-type LOCAL -j DROP");
        if (_options.Mode != InboundMode.Tproxy)
        {
            return;
        }

        var mark = string.Create(CultureInfo.InvariantCulture, $"0x{TrafficMarks.OriginalSource:x}");
        var inbound = table.Chain("L4P_TPROXY", hook: "PREROUTING");
        inbound.Rule("! -p tcp -j RETURN");
        inbound.Rule($"-i lo -p tcp -m mark --mark {mark} -j CONNMARK --save-mark");
        inbound.Rule("-i lo -j RETURN");
        SkipInterfaces(inbound, "-i");
        inbound.Rule("-m addrtype ! --dst-type LOCAL -j RETURN");
        inbound.Rule("-m conntrack --ctdir REPLY -j RETURN");
        // Drops the packet when nobody listens with IP_TRANSPARENT, so the application is never reached around the proxy.
        CaptureInbound(inbound, Listener, $"-j TPROXY --on-port {Number(_options.InboundPort)}");
        table.Chain("L4P_MARK", hook: "OUTPUT").Rule($"-p tcp -m connmark --mark {mark} -j CONNMARK --restore-mark");
    }

    private void Filter() => Add("filter").Chain("L4P_IN", hook: "INPUT").Rule(
        $"-p tcp -m multiport --dports {Number(_options.OutboundPort)},{Number(_options.InboundPort)} "
        + "-m conntrack --ctstate NEW -m conntrack ! --ctstate DNAT -j REJECT --reject-with tcp-reset");

    private void Nat()
    {
        var table = Add("nat");
        var prerouting = table.Chain("L4P_PRE", hook: "PREROUTING");
        prerouting.Rule("! -p tcp -j RETURN");
        prerouting.Rule("-i lo -j RETURN");
        SkipInterfaces(prerouting, "-i");
        foreach (var guest in _options.GuestInterfaces)
        {
            prerouting.Rule($"-i {guest} -m addrtype ! --dst-type LOCAL -p tcp {ToOutbound}");
        }

        prerouting.Rule("-m addrtype ! --dst-type LOCAL -j RETURN");
        if (_options.Mode == InboundMode.Redirect)
        {
            CaptureInbound(prerouting, Listener, ToInbound);
        }

        Output(table.Chain("L4P_OUT", hook: "OUTPUT"));
        FromProxy(table.Chain("L4P_SELF", hook: null));
    }

    private void Output(IptablesChain output)
    {
        output.Rule("! -p tcp -j RETURN");
        SkipInterfaces(output, "-o");
        var gid = _options.ProxyGid is { } id ? string.Create(CultureInfo.InvariantCulture, $" --gid-owner {id}") : "";
        output.Rule(string.Create(CultureInfo.InvariantCulture, $"-m owner --uid-owner {_options.ProxyUid}{gid} -g L4P_SELF"));
        output.Rule("-o lo -j RETURN");
        Multiport(output, _options.ExcludeOutboundPorts, "-j RETURN");
        foreach (var network in _options.ExcludeOutboundCidrs.Of(_family))
        {
            output.Rule($"-d {network} -j RETURN");
        }

        if (_options.CapturesEveryOutboundAddress)
        {
            output.Rule($"-p tcp {ToOutbound}");
            return;
        }

        Multiport(output, _options.IncludeOutboundPorts, ToOutbound);
        foreach (var network in _options.IncludeOutboundCidrs.Of(_family))
        {
            output.Rule($"-d {network} -p tcp {ToOutbound}");
        }
    }

    private void FromProxy(IptablesChain self)
    {
        self.Rule("! -o lo -j RETURN");
        self.Rule(_family == AddressFamily.InterNetwork ? "-d 127.0.0.1/32 -j RETURN" : "-d ::1/128 -j RETURN");
        self.Rule(string.Create(CultureInfo.InvariantCulture, $"-m dscp --dscp 0x{TrafficMarks.ApplicationLegDscp:x} -j RETURN"));
        if (_options.ProbeNeedsRule)
        {
            self.Rule($"-p tcp --dport {Number(CaptureProbe.Port)} {ToInbound}");
        }

        CaptureInbound(self, listener: "", ToInbound);
    }

    private void CaptureInbound(IptablesChain chain, string listener, string target)
    {
        Multiport(chain, _options.UncapturedInboundPorts, "-j RETURN");
        if (_options.IncludeInboundPorts.IsAll)
        {
            chain.Rule($"-p tcp {listener}{target}");
        }
        else
        {
            Multiport(chain, _options.IncludeInboundPorts, listener + target);
        }
    }

    private void SkipInterfaces(IptablesChain chain, string direction)
    {
        foreach (var name in _options.ExcludeInterfaces)
        {
            chain.Rule($"{direction} {name} -j RETURN");
        }
    }

    private static void Multiport(IptablesChain chain, PortSet ports, string target)
    {
        var batch = new List<string>();
        var slots = 0;
        foreach (var range in ports.Ranges)
        {
            if (slots + range.MultiportSlots > MultiportSlots)
            {
                Flush();
            }

            batch.Add(range.Text(':'));
            slots += range.MultiportSlots;
        }

        Flush();

        void Flush()
        {
            if (batch.Count > 0)
            {
                chain.Rule($"-p tcp -m multiport --dports {string.Join(',', batch)} {target}");
            }

            batch.Clear();
            slots = 0;
        }
    }

    private IptablesTable Add(string name)
    {
        var table = new IptablesTable(name);
        _tables.Add(table);
        return table;
    }

    private string Listener => _options.AsksForListener ? "-m socket --nowildcard " : "";

    private string ToOutbound => $"-j REDIRECT --to-ports {Number(_options.OutboundPort)}";

    private string ToInbound => $"-j REDIRECT --to-ports {Number(_options.InboundPort)}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
