using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Hosting;

/// <summary>Makes a listening descriptor, or says in words why not.</summary>
internal static class ListeningSocket
{
    /// <exception cref="AddressInUseException">The address is taken.</exception>
    /// <exception cref="IOException">Any other refusal.</exception>
    public static int Open(LoopEndPoint endPoint, bool share, TransportSettings settings)
    {
        var descriptor = Bound(endPoint, share);
        // Options set here are inherited by accepted sockets: four calls saved per connection.
        Native.Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
        KeepAlive.Set(descriptor, settings, default);
        var status = Native.Sockets.Listen(descriptor, settings.Backlog);
        if (status < 0)
        {
            throw Refused(descriptor, endPoint, (Errno)(-status));
        }
        return descriptor;
    }

    /// <exception cref="AddressInUseException">The address is taken, be it by a socket that shares its port.</exception>
    public static void ThrowIfTaken(LoopEndPoint endPoint) => Native.Sockets.Close(Bound(endPoint, share: false));

    private static int Bound(LoopEndPoint endPoint, bool share)
    {
        var ipv6 = endPoint.Address.AddressFamily == AddressFamily.InterNetworkV6;
        var descriptor = Native.Sockets.Create(ipv6);
        if (descriptor < 0)
        {
            throw new IOException(Explain(endPoint, (Errno)(-descriptor)));
        }
        // Old connections in TIME_WAIT must not keep a restarted proxy from its port.
        Native.Sockets.SetOption(descriptor, Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1);
        if (share)
        {
            Native.Sockets.SetOption(descriptor, Constants.SOL_SOCKET, Constants.SO_REUSEPORT, 1);
        }
        if (ipv6)
        {
            var only = endPoint.Address.Address.Equals(IPAddress.IPv6Any) ? 0 : 1;
            Native.Sockets.SetOption(descriptor, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, only);
        }
        var status = endPoint.Transparent ? MakeTransparent(descriptor, ipv6) : 0;
        if (status == 0)
        {
            status = Native.Sockets.Bind(descriptor, endPoint.Address);
        }
        return status == 0 ? descriptor : throw Refused(descriptor, endPoint, (Errno)(-status));
    }

    private static int MakeTransparent(int descriptor, bool ipv6)
    {
        var status = Native.Sockets.SetOption(descriptor, Constants.IPPROTO_IP, Constants.IP_TRANSPARENT, 1);
        return status == 0 && ipv6
            ? Native.Sockets.SetOption(descriptor, Constants.IPPROTO_IPV6, Constants.IPV6_TRANSPARENT, 1)
            : status;
    }

    private static Exception Refused(int descriptor, LoopEndPoint endPoint, Errno error)
    {
        Native.Sockets.Close(descriptor);
        return error == Errno.EADDRINUSE
            ? new AddressInUseException(Explain(endPoint, error))
            : new IOException(Explain(endPoint, error));
    }

    private static string Explain(LoopEndPoint endPoint, Errno error) => error switch
    {
        Errno.EADDRINUSE => $"cannot listen on {endPoint}: the address is in use; stop what listens there or choose another port",
        Errno.EACCES => $"cannot listen on {endPoint}: a port below 1024 needs CAP_NET_BIND_SERVICE; choose a higher port",
        Errno.EADDRNOTAVAIL => $"cannot listen on {endPoint}: this host has no such address",
        Errno.EAFNOSUPPORT => $"cannot listen on {endPoint}: this kernel has no IPv6; listen on an IPv4 address",
        Errno.EPERM => $"cannot listen on {endPoint} transparently: TPROXY needs CAP_NET_ADMIN; grant it or use capture.mode redirect",
        Errno.EMFILE or Errno.ENFILE => $"cannot listen on {endPoint}: out of descriptors ({error}); raise the limit (ulimit -n)",
        _ => $"cannot listen on {endPoint}: {error}",
    };
}
