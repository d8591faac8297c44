using System.Net;

namespace L4Proxy.Transport.Hosting;

/// <summary>
/// An address that is served by the event loops. Its own type, so that Kestrel gives it to this transport and leaves ordinary
/// addresses (admin, metrics, health) to its stock sockets.
/// </summary>
public sealed class LoopEndPoint(IPEndPoint address) : EndPoint
{
    /// <summary>Where to listen. IPv6 any is dual-stack: IPv4 peers arrive there as v4-mapped and are shown as the IPv4 they are.</summary>
    public IPEndPoint Address { get; } = address;

    /// <summary>
    /// Accept connections to addresses that are not ours (IP_TRANSPARENT, for TPROXY rules). Needs CAP_NET_ADMIN.
    /// </summary>
    public bool Transparent { get; init; }

    public override string ToString() => Address.ToString();
}
