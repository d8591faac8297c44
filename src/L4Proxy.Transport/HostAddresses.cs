using System.Net;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>What this host calls its own.</summary>
public static class HostAddresses
{
    /// <summary>
    /// Whether an address belongs to this host now. Asked by binding to it: cheaper than listing interfaces, never out of date, and
    /// right for every address the kernel takes as local, 127.0.0.0/8 included.
    /// </summary>
    public static bool IsLocal(IPAddress address)
    {
        var descriptor = Sockets.Create(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
        if (descriptor < 0)
        {
            // Out of descriptors: the careful answer is "ours", which refuses the connection instead of risking a loop.
            return true;
        }
        var status = Sockets.Bind(descriptor, new IPEndPoint(address, 0));
        Sockets.Close(descriptor);
        return status == 0;
    }

    /// <summary>The soft limit of open descriptors of this process (RLIMIT_NOFILE).</summary>
    public static long DescriptorLimit => ResourceLimits.Descriptors;
}
