using System.Collections.Frozen;
using System.Net;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Routing;

/// <summary>
/// Refuses destinations that would bring a connection back to this very process. The port alone is not enough: a workload may
/// well call a remote service on port 15001, so a loop needs one of our ports AND an address of this host.
/// </summary>
/// <param name="ownPorts">Every port this process listens on.</param>
/// <param name="isLocal">Whether an address belongs to this host (the caller asks the kernel; Core does not).</param>
public sealed class LoopGuard(IEnumerable<int> ownPorts, Func<IPAddress, bool> isLocal)
{
    private readonly FrozenSet<int> _ownPorts = ownPorts.ToFrozenSet();

    /// <summary>Whether dialling <paramref name="destination"/> would reach one of our own listeners.</summary>
    public bool WouldLoop(OriginalDestination destination)
    {
        if (!_ownPorts.Contains(destination.EndPoint.Port))
        {
            return false;
        }
        var address = destination.EndPoint.Address;
        return IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || isLocal(address);
    }
}
