#pragma warning disable CA1822, MA0025 // signatures agreed first; the owner of this file removes this line with the body
using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Routing;

/// <summary>The endpoints of one service port (and subset) with one policy, and what is known about each of them. Thread-safe.</summary>
public sealed class Cluster
{
    /// <summary><c>web.demo.svc.cluster.local:80</c>, with <c>/v2</c> for a subset.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the rules say; every field absent there is absent here.</summary>
    public TrafficPolicy Policy { get; init; } = TrafficPolicy.None;

    /// <summary>Connections that count against its limit now; the caller counts them through its quota.</summary>
    public ConnectionQuota Quota { get; } = new();

    /// <summary>Endpoints it has now, ejected ones included.</summary>
    public int EndpointCount => 0;

    /// <summary>Chooses where to dial.</summary>
    /// <param name="source">For source hash.</param>
    /// <param name="tried">Endpoints that have failed for this connection already; they are not chosen again.</param>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    /// <returns>Null: there is none, or none that was not tried.</returns>
    public UpstreamEndpoint? Choose(IPAddress source, ReadOnlySpan<UpstreamEndpoint> tried, long now) => null;
}

/// <summary>One address that can be dialled, with the state that survives updates. Thread-safe.</summary>
public sealed class UpstreamEndpoint
{
    public required IPEndPoint Address { get; init; }

    /// <summary>How to secure a leg to it.</summary>
    public required UpstreamSecurity Security { get; init; }

    /// <summary>Call when its leg stands; <see cref="Ended"/> when it is over.</summary>
    public void Began()
    {
    }

    public void Ended()
    {
    }

    /// <summary>A dial or handshake failed.</summary>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    /// <returns>Whether this ejected it.</returns>
    public bool Failed(long now) => false;

    /// <summary>A dial and its handshake went well.</summary>
    public void Succeeded()
    {
    }
}

public enum UpstreamSecurityKind : byte
{
    Plaintext,

    /// <summary>Mutual TLS of the mesh, with our identity.</summary>
    MeshTls,

    /// <summary>Ordinary TLS (SIMPLE, MUTUAL).</summary>
    Tls,
}

/// <summary>How a leg to an endpoint is secured. Shared by all endpoints for which it is the same.</summary>
/// <param name="Kind">What is spoken.</param>
/// <param name="ServerName">SNI; empty sends none.</param>
/// <param name="Identities">For mesh TLS: of which one must be proven; empty: anyone our trust covers.</param>
/// <param name="Tls">For ordinary TLS: files and names.</param>
public sealed record UpstreamSecurity(
    UpstreamSecurityKind Kind, string ServerName, ImmutableArray<SpiffeId> Identities, UpstreamTls? Tls)
{
    public static UpstreamSecurity Plaintext { get; } = new(UpstreamSecurityKind.Plaintext, "", [], null);
}
