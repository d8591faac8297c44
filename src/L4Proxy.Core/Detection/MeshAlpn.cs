namespace L4Proxy.Core.Detection;

/// <summary>
/// The application protocols (ALPN, RFC 7301) that mark TLS between the proxies of a mesh. Nothing else tells it from the application's own
/// TLS: what offers none of these passes through untouched where mTLS is permissive.
/// </summary>
public static class MeshAlpn
{
    /// <summary>Offered by every Istio sidecar to every port that speaks mutual TLS; the one we answer with.</summary>
    public const string Istio = "istio";

    /// <summary>Offered by this proxy to another that understands it.</summary>
    public const string Own = "l4proxy/1";

    /// <summary>Whether offering <paramref name="protocol"/> says that the peer is a proxy of the mesh.</summary>
    public static bool IsMesh(string protocol) => protocol is Istio or Own or "istio-peer-exchange" or "istio-http/1.0" or "istio-http/1.1" or "istio-h2";

    /// <summary>
    /// The protocol to answer an offer with, or null: then none is negotiated. Never <c>istio-peer-exchange</c>, because a peer would then
    /// wait for a metadata frame before the first byte.
    /// </summary>
    internal static string? Select(IEnumerable<string> offered)
    {
        string? selected = null;
        foreach (var protocol in offered)
        {
            if (protocol == Istio)
            {
                return Istio;
            }
            if (protocol == Own)
            {
                selected = Own;
            }
        }
        return selected;
    }
}
