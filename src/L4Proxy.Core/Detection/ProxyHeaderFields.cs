using System.Buffers.Binary;
using System.Numerics;
using System.Text.Unicode;

namespace L4Proxy.Core.Detection;

/// <summary>
/// The fields (TLV: one byte type, two bytes length, value) after the addresses of a version 2 header. None is believed, so none is kept;
/// they are checked, because a header that is wrong in one place is not right in another.
/// </summary>
internal static class ProxyHeaderFields
{
    /// <summary>Identity of the peer a proxy before the application has verified, a SPIFFE ID in UTF-8; the field ztunnel writes to a waypoint.</summary>
    public const byte PeerIdentity = 0xD0;

    /// <summary>Type and length.</summary>
    public const int FieldHeaderBytes = 3;

    private const byte Authority = 0x02;
    private const byte Crc32C = 0x03;
    private const byte UniqueId = 0x05;
    private const int LongestUniqueId = 128;

    /// <summary>Which rule the fields from <paramref name="position"/> to the end of the header break, or null.</summary>
    public static string? Problem(ReadOnlySpan<byte> header, int position)
    {
        var hasChecksum = false;
        while (position < header.Length)
        {
            if (header.Length - position < FieldHeaderBytes)
            {
                return "the PROXY header ends inside a field";
            }
            var type = header[position];
            var length = BinaryPrimitives.ReadUInt16BigEndian(header[(position + 1)..]);
            position += FieldHeaderBytes;
            if (length > header.Length - position)
            {
                return "a field of the PROXY header is longer than the header";
            }
            var value = header.Slice(position, length);
            switch (type)
            {
                case Authority or PeerIdentity when !Utf8.IsValid(value):
                    return "the authority or the peer identity in the PROXY header is not UTF-8";
                case UniqueId when length > LongestUniqueId:
                    return "the unique ID in the PROXY header is longer than 128 bytes";
                case Crc32C when hasChecksum || length != sizeof(uint) || Checksum(header, position) != BinaryPrimitives.ReadUInt32BigEndian(value):
                    return "the checksum of the PROXY header is not right";
                case Crc32C:
                    hasChecksum = true;
                    break;
            }
            position += length;
        }
        return null;
    }

    // CRC-32C (RFC 4960 appendix B) over the header, with zeros where the checksum stands.
    private static uint Checksum(ReadOnlySpan<byte> header, int at)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= at && i < at + sizeof(uint) ? (byte)0 : header[i]);
        }
        return ~crc;
    }
}
