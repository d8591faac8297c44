using L4Proxy.Core.Routing;

namespace L4Proxy.Interception;

/// <summary>What a connection holds and must give back. An object of its own, because most idle connections hold nothing.</summary>
/// <param name="Quota">In which it has a place.</param>
/// <param name="Cluster">Whose quota that is; null where it is that of an unknown destination or of a peer.</param>
internal sealed record HeldPlace(ConnectionQuota Quota, Cluster? Cluster)
{
    /// <summary>The endpoint that counts it; null until its leg stands, and where the upstream is no known endpoint.</summary>
    public UpstreamEndpoint? Endpoint { get; set; }
}
