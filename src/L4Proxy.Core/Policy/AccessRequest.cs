using System.Net;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Policy;

/// <summary>What policy may ask about one inbound connection.</summary>
/// <param name="Peer">Who it proved to be; null for plaintext.</param>
/// <param name="Source">The other end of the TCP connection.</param>
/// <param name="Remote">Whom a trusted PROXY header named, else <paramref name="Source"/>.</param>
/// <param name="Destination">Where it was going.</param>
/// <param name="ServerName">SNI; null without.</param>
public readonly record struct AccessRequest(SpiffeId? Peer, IPAddress Source, IPAddress Remote, IPEndPoint Destination, string? ServerName);
