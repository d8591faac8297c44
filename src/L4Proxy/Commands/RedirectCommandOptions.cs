using System.CommandLine;
using L4Proxy.Redirect;

namespace L4Proxy.Commands;

/// <summary>
/// The options that <c>apply</c>, <c>show</c> and <c>verify</c> share. All of them are read as text, so that every wrong one is reported
/// at once by the parser that knows what would do.
/// </summary>
internal sealed class RedirectCommandOptions
{
    private readonly Option<string> _backend = Text(
        "--backend",
        "auto|nft|iptables-nft|iptables-legacy",
        "Who installs the rules; auto takes the first that works. Default: auto.");

    private readonly Option<string> _proxyUid = Text(
        "--proxy-uid",
        "UID",
        "The proxy runs as this uid; what it opens is not captured. Default: 1337.");

    private readonly Option<string> _proxyGid = Text(
        "--proxy-gid",
        "GID",
        "The proxy is who has the uid and this gid; either alone is captured. Default: the uid alone decides.");

    private readonly Option<string> _outboundPort = Text("--outbound-port", "PORT", "Where outbound connections are sent. Default: 15001.");
    private readonly Option<string> _inboundPort = Text("--inbound-port", "PORT", "Where inbound connections are sent. Default: 15006.");
    private readonly Option<string> _includeInboundPorts = Text(
        "--include-inbound-ports",
        "PORTS",
        "Inbound ports to capture: a list with ranges (80,8000-8100), '*' for all, '' for none. Default: '*'.");

    private readonly Option<string> _excludeInboundPorts = Text(
        "--exclude-inbound-ports",
        "PORTS",
        "Inbound ports to leave alone; the proxy's own (15001, 15006, 15008, 15020, 15021, 15090) always are.");

    private readonly Option<string> _includeOutboundPorts = Text(
        "--include-outbound-ports",
        "PORTS",
        "Outbound ports to capture whatever the address, besides --include-outbound-cidrs.");

    private readonly Option<string> _excludeOutboundPorts = Text("--exclude-outbound-ports", "PORTS", "Outbound ports to leave alone.");
    private readonly Option<string> _includeOutboundCidrs = Text(
        "--include-outbound-cidrs",
        "CIDRS",
        "Outbound networks to capture, IPv4 and IPv6 mixed: a list, '*' for all, '' for none. Default: '*'.");

    private readonly Option<string> _excludeOutboundCidrs = Text(
        "--exclude-outbound-cidrs",
        "CIDRS",
        "Outbound networks to leave alone (10.0.0.0/8,fd00::/8); they win over includes.");

    private readonly Option<string> _excludeInterfaces = Text(
        "--exclude-interfaces",
        "NAMES",
        "Interfaces on which nothing is captured, in either direction.");

    private readonly Option<string> _guestInterfaces = Text(
        "--guest-interfaces",
        "NAMES",
        "Interfaces with guests behind them (docker0): what guests send is captured as outbound.");

    private readonly Option<string> _mode = Text(
        "--mode",
        "redirect|tproxy",
        "How inbound connections reach the proxy; tproxy keeps their destination and needs CAP_NET_ADMIN in the proxy. Default: redirect.");

    private readonly Option<string> _ipv6 = Text(
        "--ipv6",
        "auto|on|off",
        "auto captures IPv6 where this network namespace has an address; off lets it bypass the proxy. Default: auto.");

    public void AddTo(Command command)
    {
        foreach (var option in new[]
        {
            _backend, _proxyUid, _proxyGid, _outboundPort, _inboundPort, _includeInboundPorts, _excludeInboundPorts, _includeOutboundPorts,
            _excludeOutboundPorts, _includeOutboundCidrs, _excludeOutboundCidrs, _excludeInterfaces, _guestInterfaces, _mode, _ipv6,
        })
        {
            command.Options.Add(option);
        }
    }

    public RedirectArguments Read(ParseResult result) => new()
    {
        Backend = result.GetValue(_backend),
        ProxyUid = result.GetValue(_proxyUid),
        ProxyGid = result.GetValue(_proxyGid),
        OutboundPort = result.GetValue(_outboundPort),
        InboundPort = result.GetValue(_inboundPort),
        IncludeInboundPorts = result.GetValue(_includeInboundPorts),
        ExcludeInboundPorts = result.GetValue(_excludeInboundPorts),
        IncludeOutboundPorts = result.GetValue(_includeOutboundPorts),
        ExcludeOutboundPorts = result.GetValue(_excludeOutboundPorts),
        IncludeOutboundCidrs = result.GetValue(_includeOutboundCidrs),
        ExcludeOutboundCidrs = result.GetValue(_excludeOutboundCidrs),
        ExcludeInterfaces = result.GetValue(_excludeInterfaces),
        GuestInterfaces = result.GetValue(_guestInterfaces),
        Mode = result.GetValue(_mode),
        Ipv6 = result.GetValue(_ipv6),
    };

    private static Option<string> Text(string name, string form, string description) => new(name) { HelpName = form, Description = description };
}
