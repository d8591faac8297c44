using System.Net;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;

namespace L4Proxy.Admin;

/// <summary>What the admin endpoint is told about a connection that is open now.</summary>
/// <param name="Id">As the access log will have it.</param>
/// <param name="Direction">Which way it runs.</param>
/// <param name="Downstream">Who connected.</param>
/// <param name="Destination">Where it was going; null while that is not known.</param>
/// <param name="Peer">The identity it proved; null for none.</param>
/// <param name="Age">Since it was accepted.</param>
/// <param name="Request">What policy was asked about it; null: policy was not, or not yet.</param>
internal sealed record LiveConnection(
    string Id, Direction Direction, IPEndPoint Downstream, IPEndPoint? Destination, string? Peer, TimeSpan Age, AccessRequest? Request);
