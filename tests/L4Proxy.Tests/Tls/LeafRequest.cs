namespace L4Proxy.Tests.Tls;

/// <summary>How a leaf differs from a good one.</summary>
internal sealed record LeafRequest
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    /// <summary>URI names; null for the one SPIFFE ID of the workload.</summary>
    public IReadOnlyList<string>? Uris { get; init; }

    /// <summary>A DNS name beside them, or instead of them.</summary>
    public string? Dns { get; init; }

    /// <summary>Extended key usages; empty for no such extension.</summary>
    public IReadOnlyList<string> Usages { get; init; } = [ServerAuth, ClientAuth];

    public bool IsAuthority { get; init; }

    /// <summary>
    /// Whether it names where its issuer, its OCSP responder and its CRL are to be had: at <see cref="Place"/>, and at a name of the DNS.
    /// </summary>
    public bool NamesPlaces { get; init; }

    /// <summary>An address for documentation (RFC 5737): nobody answers there.</summary>
    public const string Place = "192.0.2.1";

    /// <summary>Validity, relative to now. Two minutes back, as Istio's CA does it.</summary>
    public TimeSpan From { get; init; } = TimeSpan.FromMinutes(-2);
    public TimeSpan To { get; init; } = TimeSpan.FromHours(24);
}
