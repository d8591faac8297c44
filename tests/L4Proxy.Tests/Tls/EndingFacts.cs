using System.Text.Json;

namespace L4Proxy.Tests.Tls;

/// <summary>What an access log line says about TLS; null where it says nothing.</summary>
internal sealed record EndingFacts(string? Reason, string? PeerIdentity, string? LocalIdentity, string? TlsVersion, string? Alpn, string? Sni)
{
    public static EndingFacts Of(JsonElement ending) => new(
        Text(ending, "reason"), Text(ending, "peerIdentity"), Text(ending, "localIdentity"), Text(ending, "tlsVersion"), Text(ending, "alpn"),
        Text(ending, "sni"));

    public static string? Text(JsonElement ending, string name) =>
        ending.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    /// <summary>A connection of shop to web that went well.</summary>
    public static EndingFacts Completed(TestPki pki, bool weAreWeb, string version, string? alpn, string? sni) => new(
        "completed", weAreWeb ? pki.Shop.Id : pki.Web.Id, weAreWeb ? pki.Web.Id : pki.Shop.Id, version, alpn, sni);
}
