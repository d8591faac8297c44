using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Redirect;

/// <summary>Stands in for the proxy on its inbound port while none runs yet, so that the rules can be proven before the pod starts.</summary>
internal sealed class ProbeListener : IDisposable
{
    private const int SolIp = 0, SolIpv6 = 41, SoOriginalDst = 80; // linux/in.h, linux/netfilter_ipv4.h

    private readonly Socket _socket;

    private ProbeListener(Socket socket) => _socket = socket;

    /// <summary>Listens on every address of both families; null when somebody has the port, which is then a running proxy.</summary>
    public static ProbeListener? TryListen(int port)
    {
        var ipv6 = Socket.OSSupportsIPv6;
        var socket = new Socket(ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ipv6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen();
            return new ProbeListener(socket);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Answers probes and resets everybody else's connections, until cancelled.</summary>
    public async Task AnswerAsync(string instance, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var accepted = await _socket.AcceptAsync(cancellationToken);
                var downstream = ((IPEndPoint)accepted.RemoteEndPoint!).Address;
                downstream = downstream.IsIPv4MappedToIPv6 ? downstream.MapToIPv4() : downstream;
                if (OriginalDestination(accepted, downstream.AddressFamily) is { } destination
                    && CaptureProbe.Answer(destination, downstream, instance) is { } line)
                {
                    await accepted.SendAsync(Encoding.ASCII.GetBytes(line), cancellationToken);
                }
                else
                {
                    accepted.LingerState = new LingerOption(true, 0);
                }
            }
            catch (SocketException)
            {
                // The connection is gone; the next one may be the probe.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static IPEndPoint? OriginalDestination(Socket accepted, AddressFamily family)
    {
        Span<byte> sockaddr = stackalloc byte[28];
        try
        {
            if (family == AddressFamily.InterNetwork)
            {
                accepted.GetRawSocketOption(SolIp, SoOriginalDst, sockaddr[..16]);
                return new IPEndPoint(new IPAddress(sockaddr.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(sockaddr[2..]));
            }

            accepted.GetRawSocketOption(SolIpv6, SoOriginalDst, sockaddr);
            return new IPEndPoint(new IPAddress(sockaddr.Slice(8, 16)), BinaryPrimitives.ReadUInt16BigEndian(sockaddr[2..]));
        }
        catch (SocketException)
        {
            return null; // Not redirected, and conntrack is off.
        }
    }
}
