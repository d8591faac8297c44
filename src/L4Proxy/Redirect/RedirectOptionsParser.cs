namespace L4Proxy.Redirect;

/// <summary>Text to model, strictly: every wrong token is reported, with what would do, in one go. Nothing unvalidated reaches a rule.</summary>
internal static class RedirectOptionsParser
{
    /// <summary>The options, or null and at least one error, each a sentence that begins with the option's name.</summary>
    public static RedirectOptions? Parse(RedirectArguments arguments, out IReadOnlyList<string> errors)
    {
        var tokens = new OptionTokens();
        var options = new RedirectOptions
        {
            Backend = tokens.OneOf("--backend", arguments.Backend ?? "auto", Backends),
            ProxyUid = tokens.Id("--proxy-uid", arguments.ProxyUid) ?? RedirectOptions.DefaultProxyUid,
            ProxyGid = tokens.Id("--proxy-gid", arguments.ProxyGid),
            OutboundPort = tokens.Port("--outbound-port", arguments.OutboundPort) ?? RedirectOptions.DefaultOutboundPort,
            InboundPort = tokens.Port("--inbound-port", arguments.InboundPort) ?? RedirectOptions.DefaultInboundPort,
            IncludeInboundPorts = tokens.Ports("--include-inbound-ports", arguments.IncludeInboundPorts ?? "*", allowAll: true),
            ExcludeInboundPorts = tokens.Ports("--exclude-inbound-ports", arguments.ExcludeInboundPorts ?? "", allowAll: false),
            IncludeOutboundPorts = tokens.Ports("--include-outbound-ports", arguments.IncludeOutboundPorts ?? "", allowAll: true),
            ExcludeOutboundPorts = tokens.Ports("--exclude-outbound-ports", arguments.ExcludeOutboundPorts ?? "", allowAll: false),
            IncludeOutboundCidrs = tokens.Cidrs("--include-outbound-cidrs", arguments.IncludeOutboundCidrs ?? "*", allowAll: true),
            ExcludeOutboundCidrs = tokens.Cidrs("--exclude-outbound-cidrs", arguments.ExcludeOutboundCidrs ?? "", allowAll: false),
            ExcludeInterfaces = tokens.Interfaces("--exclude-interfaces", arguments.ExcludeInterfaces ?? ""),
            GuestInterfaces = tokens.Interfaces("--guest-interfaces", arguments.GuestInterfaces ?? ""),
            Mode = tokens.OneOf("--mode", arguments.Mode ?? "redirect", Modes),
            Ipv6 = tokens.OneOf("--ipv6", arguments.Ipv6 ?? "auto", Ipv6Captures),
        };
        RejectContradictions(options, tokens);
        errors = tokens.Errors;
        return errors.Count == 0 ? options : null;
    }

    private static void RejectContradictions(RedirectOptions options, OptionTokens tokens)
    {
        if (options.InboundPort == options.OutboundPort)
        {
            tokens.Reject("--inbound-port", $"{options.InboundPort} is the outbound port too", "give the two directions different ports");
        }

        // The proxy's other ports: a capture port on one of them would be one port with two roles.
        foreach (var (name, port, usual) in new[]
        {
            ("--outbound-port", options.OutboundPort, RedirectOptions.DefaultOutboundPort),
            ("--inbound-port", options.InboundPort, RedirectOptions.DefaultInboundPort),
        })
        {
            if (port is 15000 or 15008 or 15020 or 15021 or 15090)
            {
                tokens.Reject(name, $"{port} is the proxy's own admin, tunnel, health or metrics port", $"use another, such as {usual}");
            }

            if (port == CaptureProbe.Port)
            {
                tokens.Reject(name, $"{port} is the port of the capture probe", $"use another, such as {usual}");
            }
        }

        foreach (var both in options.ExcludeInterfaces.Intersect(options.GuestInterfaces, StringComparer.Ordinal))
        {
            tokens.Reject("--guest-interfaces", $"'{both}' is in --exclude-interfaces too", "leave it in one of the two");
        }
    }

    private static readonly Dictionary<string, RedirectBackend> Backends = new(StringComparer.Ordinal)
    {
        ["auto"] = RedirectBackend.Auto,
        ["nft"] = RedirectBackend.Nft,
        ["iptables-nft"] = RedirectBackend.IptablesNft,
        ["iptables-legacy"] = RedirectBackend.IptablesLegacy,
    };

    private static readonly Dictionary<string, InboundMode> Modes = new(StringComparer.Ordinal)
    {
        ["redirect"] = InboundMode.Redirect,
        ["tproxy"] = InboundMode.Tproxy,
    };

    private static readonly Dictionary<string, Ipv6Capture> Ipv6Captures = new(StringComparer.Ordinal)
    {
        ["auto"] = Ipv6Capture.Auto,
        ["on"] = Ipv6Capture.On,
        ["off"] = Ipv6Capture.Off,
    };
}
