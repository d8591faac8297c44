using System.Buffers.Binary;
using System.Net;

namespace L4Proxy.Transport.Native;

/// <summary>sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)) to endpoints and back. Family is in host order, port in network order.</summary>
internal static class SocketAddress
{
    /// <summary>Room for either family; sockaddr_in6 is 28 bytes.</summary>
    public const int MaxLength = 28;

    private const int Ipv4Length = 16;

    /// <returns>How many bytes of <paramref name="buffer"/> were used.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> buffer)
    {
        buffer.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)endPoint.Port);
        if (endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            BitConverter.TryWriteBytes(buffer, (ushort)Constants.AF_INET);
            endPoint.Address.TryWriteBytes(buffer[4..], out _);
            return Ipv4Length;
        }
        BitConverter.TryWriteBytes(buffer, (ushort)Constants.AF_INET6);
        endPoint.Address.TryWriteBytes(buffer[8..], out _);
        BitConverter.TryWriteBytes(buffer[24..], (uint)endPoint.Address.ScopeId);
        return MaxLength;
    }

    /// <summary>
    /// Reads an address the kernel wrote. A v4-mapped IPv6 address, which is how a dual-stack socket shows an IPv4 peer, comes out
    /// as the IPv4 address it is.
    /// </summary>
    /// <returns>Null for any other family.</returns>
    public static IPEndPoint? Read(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < Ipv4Length)
        {
            return null;
        }
        var port = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        switch (BitConverter.ToUInt16(buffer))
        {
            case Constants.AF_INET:
                return new IPEndPoint(new IPAddress(buffer.Slice(4, 4)), port);
            case Constants.AF_INET6 when buffer.Length >= MaxLength:
                var bytes = buffer.Slice(8, 16);
                if (bytes[..10].IndexOfAnyExcept((byte)0) < 0 && bytes[10] == 0xFF && bytes[11] == 0xFF)
                {
                    return new IPEndPoint(new IPAddress(bytes[12..]), port);
                }
                // Only a link-local address means anything with its scope; elsewhere the kernel writes 0.
                return new IPEndPoint(new IPAddress(bytes, BitConverter.ToUInt32(buffer[24..])), port);
            default:
                return null;
        }
    }
}
