using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Tests.Netns;

/// <summary>
/// The least proxy that keeps the rules' side of the bargain: capture ports, original destination, the mark on the leg to the
/// application, a reset when the dial fails. It has no loop guard, so that what the rules forget shows; each hop puts
/// <c>port(original destination)&gt;</c> in front of the answer. It is here to test rules alone; the product has its own tests.
/// </summary>
internal sealed class TraceProxy : IAsyncDisposable
{
    public const uint Uid = 1337;

    private readonly NetworkNamespace _pod;
    private readonly Server _outbound;
    private readonly Server _inbound;

    private readonly bool _originalSource;

    /// <param name="pod">Where it runs.</param>
    /// <param name="tproxy">Whether its inbound port may take connections to any address.</param>
    /// <param name="originalSource">Whether its leg to the application keeps the downstream's address.</param>
    public TraceProxy(NetworkNamespace pod, bool tproxy = false, bool originalSource = false)
    {
        _pod = pod;
        _originalSource = originalSource;
        _outbound = new Server(pod, 15001, (accepted, cancellationToken) => ForwardAsync(15001, accepted, cancellationToken), Uid, Uid);
        _inbound = new Server(pod, 15006, (accepted, cancellationToken) => ForwardAsync(15006, accepted, cancellationToken), Uid, Uid, tproxy ? SetTransparent : null);
    }

    public async ValueTask DisposeAsync()
    {
        await _outbound.DisposeAsync();
        await _inbound.DisposeAsync();
    }

    internal static IPEndPoint OriginalDestination(Socket accepted)
    {
        var sockaddr = new byte[28];
        if (Server.Address(accepted.RemoteEndPoint!).AddressFamily == AddressFamily.InterNetwork)
        {
            accepted.GetRawSocketOption(0, 80, sockaddr.AsSpan(0, 16)); // SOL_IP, SO_ORIGINAL_DST
            return new IPEndPoint(new IPAddress(sockaddr.AsSpan(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(sockaddr.AsSpan(2)));
        }

        accepted.GetRawSocketOption(41, 80, sockaddr); // SOL_IPV6, IP6T_SO_ORIGINAL_DST
        return new IPEndPoint(new IPAddress(sockaddr.AsSpan(8, 16)), BinaryPrimitives.ReadUInt16BigEndian(sockaddr.AsSpan(2)));
    }

    private async Task ForwardAsync(int port, Socket accepted, CancellationToken cancellationToken)
    {
        var original = OriginalDestination(accepted);
        using var upstream = _pod.Open(original.AddressFamily, Uid, Uid);
        if (port == 15006)
        {
            MarkApplicationLeg(upstream);
            if (_originalSource)
            {
                SetTransparent(upstream);
                upstream.SetRawSocketOption(1, 36, BitConverter.GetBytes(0x539)); // SOL_SOCKET, SO_MARK
                upstream.Bind(new IPEndPoint(Server.Address(accepted.RemoteEndPoint!), 0));
            }
        }

        await upstream.ConnectAsync(Route(original), cancellationToken);
        var answer = await Caller.ReadToEndAsync(upstream, cancellationToken);
        await accepted.SendAsync(Encoding.ASCII.GetBytes($"{port}({original})>{answer}"), cancellationToken);
    }

    // The service is this pod, port 8080.
    private static IPEndPoint Route(IPEndPoint original) => original.Address.ToString() switch
    {
        PodTopology.ServiceV4 => new IPEndPoint(IPAddress.Parse(PodTopology.PodV4), 8080),
        PodTopology.ServiceV6 => new IPEndPoint(IPAddress.Parse(PodTopology.PodV6), 8080),
        _ => original,
    };

    private static void MarkApplicationLeg(Socket upstream)
    {
        if (upstream.AddressFamily == AddressFamily.InterNetwork)
        {
            upstream.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, 0xA8); // DSCP 0x2a
        }
        else
        {
            upstream.SetRawSocketOption(41, 67, BitConverter.GetBytes(0xA8)); // SOL_IPV6, IPV6_TCLASS
        }
    }

    private static void SetTransparent(Socket socket)
    {
        socket.SetRawSocketOption(0, 19, BitConverter.GetBytes(1)); // SOL_IP, IP_TRANSPARENT
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.SetRawSocketOption(41, 75, BitConverter.GetBytes(1)); // SOL_IPV6, IPV6_TRANSPARENT
        }
    }
}
