using System.Net.Sockets;
using L4Proxy.Core.Connections;
using L4Proxy.Transport;
using L4Proxy.Transport.Native;

namespace L4Proxy.Interception;

/// <summary>Where a captured connection was going. A border of the system: tests without netfilter bring their own.</summary>
internal interface IOriginalDestinations
{
    /// <returns>Null with the kernel's error when it is unknown; there is no fallback, because guessing is how loops begin.</returns>
    OriginalDestination? Find(Leg downstream, DownstreamAddress peer, out Errno error);
}

/// <summary>REDIRECT rules: conntrack remembers the destination it replaced.</summary>
internal sealed class RedirectedDestinations : IOriginalDestinations
{
    public OriginalDestination? Find(Leg downstream, DownstreamAddress peer, out Errno error)
    {
        var ipv4 = peer.EndPoint.AddressFamily == AddressFamily.InterNetwork;
        return downstream.OriginalDestination(ipv4, out error) is { } endPoint ? new OriginalDestination(endPoint) : null;
    }
}

/// <summary>
/// TPROXY rules: the packet was never rewritten, so our own end of the connection is the destination. The proxy's calls to its own
/// workload are redirected even then; they arrive at the listener's port, which is nobody's destination.
/// </summary>
internal sealed class TransparentDestinations(int listenerPort, RedirectedDestinations redirected) : IOriginalDestinations
{
    public OriginalDestination? Find(Leg downstream, DownstreamAddress peer, out Errno error)
    {
        var endPoint = downstream.LocalEndPoint;
        if (endPoint?.Port == listenerPort)
        {
            return redirected.Find(downstream, peer, out error);
        }
        error = endPoint is null ? Errno.ENOTCONN : Errno.None;
        return endPoint is null ? null : new OriginalDestination(endPoint);
    }
}
