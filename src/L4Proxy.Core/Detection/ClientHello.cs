using System.Collections.Immutable;

namespace L4Proxy.Core.Detection;

/// <summary>What a client said about itself in the first message of a TLS connection (RFC 8446 §4.1.2): claims, nothing of it is proved.</summary>
public sealed class ClientHello
{
    internal ClientHello(string? serverName, ImmutableArray<string> alpn, TlsVersion highest, TlsVersion lowest)
    {
        ServerName = serverName;
        Alpn = alpn;
        HighestVersion = highest;
        LowestVersion = lowest;
        OffersMesh = alpn.Any(MeshAlpn.IsMesh);
        AlpnToSelect = MeshAlpn.Select(alpn);
    }

    /// <summary>Host name the client asks for (SNI, RFC 6066 §3), 1 to 255 visible ASCII characters in the case they were sent; null without.</summary>
    public string? ServerName { get; }

    /// <summary>
    /// Application protocols offered (RFC 7301), in the client's order; empty without. Every byte that is not printable ASCII, and the
    /// backslash, is written <c>\xNN</c>, so that two different offers never read the same and none breaks a log.
    /// </summary>
    public ImmutableArray<string> Alpn { get; }

    /// <summary>Highest version offered: of supported_versions if that came, else of the message itself, which then reaches to 1.2.</summary>
    public TlsVersion HighestVersion { get; }

    /// <summary>Lowest version offered by supported_versions; <see cref="TlsVersion.Unknown"/> without it, for an older hello does not say.</summary>
    public TlsVersion LowestVersion { get; }

    /// <summary>Whether a proxy of the mesh is speaking (<see cref="MeshAlpn.IsMesh"/>).</summary>
    public bool OffersMesh { get; }

    /// <summary>What a server of ours answers: <c>istio</c> if offered, else <c>l4proxy/1</c> if offered, else null for none.</summary>
    public string? AlpnToSelect { get; }

    /// <summary>Whether <paramref name="protocol"/>, written as in <see cref="Alpn"/>, is among those offered.</summary>
    public bool Offers(string protocol) => Alpn.Contains(protocol, StringComparer.Ordinal);
}
