namespace L4Proxy.Redirect;

/// <summary>Who installs the rules into the kernel.</summary>
internal enum RedirectBackend
{
    /// <summary>The first that works here, in the order of this enum.</summary>
    Auto,
    Nft,
    IptablesNft,
    IptablesLegacy,
}

/// <summary>How inbound connections reach the proxy; outbound is always redirected.</summary>
internal enum InboundMode
{
    /// <summary>Destination rewritten to the inbound port; the proxy needs no capability.</summary>
    Redirect,

    /// <summary>Destination kept, the packet handed to the inbound socket; the proxy needs CAP_NET_ADMIN for IP_TRANSPARENT.</summary>
    Tproxy,
}

internal enum Ipv6Capture
{
    /// <summary>Captured where this network namespace has an IPv6 address that is not link-local.</summary>
    Auto,

    /// <summary>Captured, or an error.</summary>
    On,

    /// <summary>Left alone: IPv6 connections of the workload bypass the proxy.</summary>
    Off,
}

/// <summary>
/// What shall be captured: the one model from which every backend's rules are rendered. Validated by <see cref="RedirectOptionsParser"/>;
/// nothing in here is free text except interface names, which are limited to letters, digits and <c>_ . @ -</c>.
/// </summary>
internal sealed record RedirectOptions
{
    /// <summary>Uid and ports are Istio's, so that what was written for its sidecar keeps its meaning.</summary>
    public const uint DefaultProxyUid = 1337;
    public const int DefaultOutboundPort = 15001;
    public const int DefaultInboundPort = 15006;

    /// <summary>Outbound, inbound, tunnel, merged metrics, health, metrics. 15000 (admin) listens on loopback only and needs no rule.</summary>
    public static readonly IReadOnlyList<int> OwnPorts = [15001, 15006, 15008, 15020, 15021, 15090];

    public RedirectBackend Backend { get; init; }
    public uint ProxyUid { get; init; } = DefaultProxyUid;

    /// <summary>When set, the proxy is who has this gid <em>and</em> the uid; either alone is captured like any workload.</summary>
    public uint? ProxyGid { get; init; }

    public int OutboundPort { get; init; } = DefaultOutboundPort;
    public int InboundPort { get; init; } = DefaultInboundPort;
    public PortSet IncludeInboundPorts { get; init; } = PortSet.All;
    public PortSet ExcludeInboundPorts { get; init; } = PortSet.None;

    /// <summary>Captured whatever their address, besides <see cref="IncludeOutboundCidrs"/>.</summary>
    public PortSet IncludeOutboundPorts { get; init; } = PortSet.None;
    public PortSet ExcludeOutboundPorts { get; init; } = PortSet.None;
    public CidrSet IncludeOutboundCidrs { get; init; } = CidrSet.All;
    public CidrSet ExcludeOutboundCidrs { get; init; } = CidrSet.None;
    public IReadOnlyList<string> ExcludeInterfaces { get; init; } = [];

    /// <summary>Interfaces behind which guests live (docker0, a virtual machine's tap): what they send is outbound.</summary>
    public IReadOnlyList<string> GuestInterfaces { get; init; } = [];

    public InboundMode Mode { get; init; }
    public Ipv6Capture Ipv6 { get; init; }

    /// <summary>Never captured inbound: the proxy's own ports wherever they are, and what the user excludes.</summary>
    public PortSet UncapturedInboundPorts => ExcludeInboundPorts.With([.. OwnPorts, OutboundPort, InboundPort]);

    /// <summary>
    /// Whether the capture probe needs a rule of its own: only where its port is not among the captured ones, since the rule that
    /// brings the proxy's calls to its own pod back inbound covers it otherwise.
    /// </summary>
    public bool ProbeNeedsRule => !IncludeInboundPorts.Contains(CaptureProbe.Port) || UncapturedInboundPorts.Contains(CaptureProbe.Port);

    public bool CapturesEveryOutboundAddress => IncludeOutboundCidrs.IsAll || IncludeOutboundPorts.IsAll;

    /// <summary>
    /// Whether inbound capture asks first if the application listens at all, so that a closed port still refuses. Not with guests: a port that
    /// another tool forwards into a guest has no local socket, and its connections would pass uncaptured.
    /// </summary>
    public bool AsksForListener => GuestInterfaces.Count == 0;
}
