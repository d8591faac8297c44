using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Core.Identity;

namespace L4Proxy.Interception;

/// <summary>A static listener as its handler needs it.</summary>
internal sealed class ForwardSettings(ForwardOptions options)
{
    public IPEndPoint Upstream { get; } = options.Upstream;
    public ForwardTls Tls { get; } = options.Tls;
    public string ServerName { get; } = options.Sni;

    /// <summary>Of which the peer must prove one; empty: anyone our trust covers.</summary>
    public IReadOnlyCollection<SpiffeId> Peers { get; } = MeshPeer.Identity(options.Peers);
    public ProxyProtocolOptions ProxyProtocol { get; } = options.ProxyProtocol;
}
