using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Configuration;

/// <summary>What a static listener does about TLS.</summary>
internal enum ForwardTls
{
    /// <summary>Bytes pass as they are.</summary>
    None,

    /// <summary>The downstream must speak mutual TLS; the upstream gets plaintext.</summary>
    Terminate,

    /// <summary>The downstream speaks plaintext; the upstream gets mutual TLS.</summary>
    Originate,
}

/// <summary>
/// A static listener: what arrives at <paramref name="Listen"/> is forwarded to <paramref name="Upstream"/>; no interception.
/// </summary>
/// <param name="Listen">Where we accept; a wildcard address listens on every address of the host.</param>
/// <param name="Upstream">Where we dial; never a wildcard and never a port of this proxy.</param>
internal sealed record ForwardOptions(IPEndPoint Listen, IPEndPoint Upstream)
{
    public ForwardTls Tls { get; init; }

    /// <summary>
    /// SPIFFE IDs of which the other end of the TLS leg must prove one; empty: anyone of our own trust domain, its aliases and
    /// federated ones. Written as <c>peer</c> (one) or <c>peers</c>.
    /// </summary>
    public ImmutableArray<string> Peers { get; init; } = [];

    /// <summary>Server name sent when originating; empty sends none.</summary>
    public string Sni { get; init; } = "";

    public ProxyProtocolOptions ProxyProtocol { get; init; } = new();
}
