using System.Net;

namespace L4Proxy.Configuration;

/// <summary>What a static listener does about TLS.</summary>
internal enum ForwardTls
{
    /// <summary>Bytes pass as they are.</summary>
    None,
}

/// <summary>
/// A static listener: what arrives at <paramref name="Listen"/> is forwarded to <paramref name="Upstream"/>; no interception.
/// </summary>
/// <param name="Listen">Where we accept; a wildcard address listens on every address of the host.</param>
/// <param name="Upstream">Where we dial; never a wildcard and never a port of this proxy.</param>
internal sealed record ForwardOptions(IPEndPoint Listen, IPEndPoint Upstream)
{
    public ForwardTls Tls { get; init; }
}
