using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Configuration;

/// <summary>Which PROXY protocol header (haproxy.org, versions 1 and 2) is written to the upstream.</summary>
internal enum ProxyProtocolVersion
{
    None,
    V2,
}

/// <summary>PROXY protocol of one listener, received and sent.</summary>
internal sealed record ProxyProtocolOptions
{
    /// <summary>Peers that must begin with a header, version 1 or 2; from all others none is taken. Default: nobody.</summary>
    public ImmutableArray<IPNetwork> Accept { get; init; } = [];

    /// <summary>Header sent to the upstream, with the peer's identity as TLV 0xD0 where there is one. Default: none.</summary>
    public ProxyProtocolVersion Send { get; init; }
}
