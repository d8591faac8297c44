using System.Buffers.Binary;
using System.Net;

namespace L4Proxy.Core.Detection;

/// <summary>Version 2: a binary block (§2.2 of the specification).</summary>
internal static class ProxyHeaderBlock
{
    /// <summary>Signature, version and command, family and protocol, length of the rest.</summary>
    public const int FixedBytes = 16;

    public const byte Local = 0x20;
    public const byte Proxy = 0x21;
    public const byte Unspecified = 0x00;
    public const byte TcpOverIpV4 = 0x11;
    public const byte TcpOverIpV6 = 0x21;
    public const byte UnixStream = 0x31;

    public const int IpV4Bytes = 2 * 4 + 2 * 2;
    public const int IpV6Bytes = 2 * 16 + 2 * 2;
    private const int UnixBytes = 2 * 108;

    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> arrived, out ProxyHeader header)
    {
        var signature = Math.Min(arrived.Length, Signature.Length);
        if (!arrived[..signature].SequenceEqual(Signature[..signature]))
        {
            return ProxyHeader.Invalid("the connection does not begin with a PROXY header", out header);
        }
        if (arrived.Length > 12 && arrived[12] is not (Local or Proxy))
        {
            return ProxyHeader.Invalid("the PROXY header is not of version 2, or its command is neither LOCAL nor PROXY", out header);
        }
        // Of LOCAL the family is ignored, whatever it says, and so is all that follows: the proxy before us speaks for itself.
        var isLocal = arrived.Length > 12 && arrived[12] == Local;
        var shortest = 0;
        if (arrived.Length > 13 && !isLocal && !TryAddressBytes(arrived[13], out shortest))
        {
            return ProxyHeader.Invalid("the PROXY header is of a transport that is not a byte stream, or of an unknown address family", out header);
        }
        if (arrived.Length > 14 && arrived[14] >= ProxyHeaderParser.MaxBytes >> 8)
        {
            return TooLong(out header);
        }
        if (arrived.Length < FixedBytes)
        {
            return ProxyHeader.NeedMore(out header);
        }
        var rest = BinaryPrimitives.ReadUInt16BigEndian(arrived[14..]);
        if (FixedBytes + rest > ProxyHeaderParser.MaxBytes)
        {
            return TooLong(out header);
        }
        if (rest < shortest)
        {
            return ProxyHeader.Invalid("the PROXY header is too short for the addresses of its family", out header);
        }
        if (arrived.Length < FixedBytes + rest)
        {
            return ProxyHeader.NeedMore(out header);
        }
        arrived = arrived[..(FixedBytes + rest)];
        // Where the addresses of an unspecified family end, and the fields after them begin, is not told.
        if (isLocal || arrived[13] == Unspecified)
        {
            header = new ProxyHeader(arrived.Length, null, null, null);
            return ProxyHeaderStatus.Complete;
        }
        if (ProxyHeaderFields.Problem(arrived, FixedBytes + shortest) is { } problem)
        {
            return ProxyHeader.Invalid(problem, out header);
        }
        var (source, destination) = EndPoints(arrived[13], arrived.Slice(FixedBytes, shortest));
        header = new ProxyHeader(arrived.Length, source, destination, null);
        return ProxyHeaderStatus.Complete;
    }

    private static ProxyHeaderStatus TooLong(out ProxyHeader header) => ProxyHeader.Invalid("the PROXY header is longer than 4096 bytes", out header);

    private static bool TryAddressBytes(byte family, out int bytes)
    {
        bytes = family switch { TcpOverIpV4 => IpV4Bytes, TcpOverIpV6 => IpV6Bytes, UnixStream => UnixBytes, _ => 0 };
        return bytes > 0 || family == Unspecified;
    }

    // Addresses of UNIX sockets are none that a connection of ours could have.
    private static (IPEndPoint? Source, IPEndPoint? Destination) EndPoints(byte family, ReadOnlySpan<byte> addresses)
    {
        if (family == UnixStream)
        {
            return (null, null);
        }
        var size = family == TcpOverIpV4 ? 4 : 16;
        var ports = addresses[(2 * size)..];
        return (
            new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(addresses.Slice(size, size)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
    }
}
