using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Routing;

namespace L4Proxy.Interception;

/// <summary>A static listener as its handler needs it.</summary>
internal sealed class ForwardSettings(ForwardOptions options)
{
    public IPEndPoint Upstream { get; } = options.Upstream;
    public ForwardTls Tls { get; } = options.Tls;

    /// <summary>Of which the peer must prove one; empty: anyone our trust covers.</summary>
    public IReadOnlyCollection<SpiffeId> Peers { get; } = MeshPeer.Identity(options.Peers);

    /// <summary>Of the upstream leg, where we originate TLS.</summary>
    public UpstreamSecurity Security { get; } =
        new(UpstreamSecurityKind.MeshTls, options.Sni, [.. MeshPeer.Identity(options.Peers)], Tls: null);

    public ProxyProtocolOptions ProxyProtocol { get; } = options.ProxyProtocol;
}
