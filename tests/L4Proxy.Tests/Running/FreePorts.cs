using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Tests.Running;

/// <summary>
/// Ports nobody listens on, each given once. Below 32768, where the kernel picks no port by itself, so that none of the thousands of
/// client sockets here takes one before the proxy does.
/// </summary>
internal static class FreePorts
{
    private static int _last = 12_000 + (Environment.ProcessId % 10_000);

    public static int Take()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _last);
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next.
            }
        }
    }
}
