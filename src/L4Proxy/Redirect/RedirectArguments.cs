namespace L4Proxy.Redirect;

/// <summary>The options as they were written; null where absent.</summary>
internal sealed record RedirectArguments
{
    public string? Backend { get; init; }
    public string? ProxyUid { get; init; }
    public string? ProxyGid { get; init; }
    public string? OutboundPort { get; init; }
    public string? InboundPort { get; init; }
    public string? IncludeInboundPorts { get; init; }
    public string? ExcludeInboundPorts { get; init; }
    public string? IncludeOutboundPorts { get; init; }
    public string? ExcludeOutboundPorts { get; init; }
    public string? IncludeOutboundCidrs { get; init; }
    public string? ExcludeOutboundCidrs { get; init; }
    public string? ExcludeInterfaces { get; init; }
    public string? GuestInterfaces { get; init; }
    public string? Mode { get; init; }
    public string? Ipv6 { get; init; }
}
