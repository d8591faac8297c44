using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace L4Proxy.Core.Detection;

/// <summary>
/// Writes a version 2 header of the PROXY protocol from values of our own, never from bytes of a peer, and its length last, from what was
/// written: a length told before has made a proxy send fields nobody counted, which the application then read as its data.
/// </summary>
public static class ProxyHeaderWriter
{
    /// <summary>Longest identity written, in bytes: the limit of the SPIFFE ID specification (§2.3).</summary>
    public const int MaxIdentityBytes = 2048;

    /// <summary>Most bytes <see cref="WriteV2"/> writes.</summary>
    public const int MaxLength = ProxyHeaderBlock.FixedBytes + ProxyHeaderBlock.IpV6Bytes + ProxyHeaderFields.FieldHeaderBytes + MaxIdentityBytes;

    // Refuses half a surrogate pair instead of writing something else in its place.
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes the header. IPv4 if both ends are (IPv4-mapped ones are), else both as IPv6.</summary>
    /// <param name="buffer">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="source">Who connected to us; null writes LOCAL, which has neither addresses nor identity: the receiver uses the socket's.</param>
    /// <param name="destination">Where they connected to; null as <paramref name="source"/>.</param>
    /// <param name="peerIdentity">SPIFFE ID the peer has proved, as field 0xD0; null or empty for none.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The identity is longer than <see cref="MaxIdentityBytes"/> or no text, or the buffer is too short.</exception>
    public static int WriteV2(Span<byte> buffer, IPEndPoint? source, IPEndPoint? destination, string? peerIdentity)
    {
        if (buffer.Length < MaxLength)
        {
            throw new ArgumentException($"a PROXY header may take {MaxLength} bytes", nameof(buffer));
        }
        ProxyHeaderBlock.Signature.CopyTo(buffer);
        var written = ProxyHeaderBlock.FixedBytes;
        if (source is null || destination is null)
        {
            buffer[12] = ProxyHeaderBlock.Local;
            buffer[13] = ProxyHeaderBlock.Unspecified;
        }
        else
        {
            var isIpV4 = IsIpV4(source.Address) && IsIpV4(destination.Address);
            buffer[12] = ProxyHeaderBlock.Proxy;
            buffer[13] = isIpV4 ? ProxyHeaderBlock.TcpOverIpV4 : ProxyHeaderBlock.TcpOverIpV6;
            written += WriteAddress(buffer[written..], source.Address, isIpV4);
            written += WriteAddress(buffer[written..], destination.Address, isIpV4);
            BinaryPrimitives.WriteUInt16BigEndian(buffer[written..], (ushort)source.Port);
            BinaryPrimitives.WriteUInt16BigEndian(buffer[(written + 2)..], (ushort)destination.Port);
            written += 4;
            written += string.IsNullOrEmpty(peerIdentity) ? 0 : WriteIdentity(buffer[written..], peerIdentity);
        }
        BinaryPrimitives.WriteUInt16BigEndian(buffer[14..], (ushort)(written - ProxyHeaderBlock.FixedBytes));
        return written;
    }

    private static bool IsIpV4(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.IsIPv4MappedToIPv6 || (address.TryWriteBytes(bytes, out var count) && count == 4);
    }

    private static int WriteAddress(Span<byte> buffer, IPAddress address, bool asIpV4)
    {
        (asIpV4 ? address.MapToIPv4() : address.MapToIPv6()).TryWriteBytes(buffer, out var count);
        return count;
    }

    private static int WriteIdentity(Span<byte> buffer, string identity)
    {
        if (!_utf8.TryGetBytes(identity, buffer.Slice(ProxyHeaderFields.FieldHeaderBytes, MaxIdentityBytes), out var bytes))
        {
            throw new ArgumentException($"an identity has at most {MaxIdentityBytes} bytes", nameof(identity));
        }
        buffer[0] = ProxyHeaderFields.PeerIdentity;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[1..], (ushort)bytes);
        return ProxyHeaderFields.FieldHeaderBytes + bytes;
    }
}
