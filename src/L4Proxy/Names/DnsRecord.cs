using System.Buffers.Binary;
using System.Net;

namespace L4Proxy.Names;

/// <summary>A record of an answer: an address or an alias.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Seconds">How long it may be kept; RFC 2181 §8 takes what has the highest bit set for 0.</param>
/// <param name="Address">Null for an alias.</param>
/// <param name="Alias">Null for an address.</param>
internal sealed record DnsRecord(DnsName Owner, uint Seconds, IPAddress? Address, DnsName? Alias)
{
    private const int FixedSize = 10;

    /// <summary>Records of other types and classes are passed over.</summary>
    /// <param name="packet">All of it.</param>
    /// <param name="at">Where the first record begins.</param>
    /// <param name="count">As the header has it.</param>
    /// <param name="type">Of the addresses.</param>
    /// <param name="records">In their order.</param>
    /// <returns>False: the packet is damaged, and nothing in it is believed.</returns>
    public static bool TryReadAll(ReadOnlySpan<byte> packet, int at, int count, DnsType type, out List<DnsRecord> records)
    {
        records = [];
        for (var i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(packet, ref at, out var owner) || at + FixedSize > packet.Length)
            {
                return false;
            }
            var fixedPart = packet.Slice(at, FixedSize);
            var kind = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(fixedPart);
            var isInternet = BinaryPrimitives.ReadUInt16BigEndian(fixedPart[2..]) == 1;
            var seconds = BinaryPrimitives.ReadUInt32BigEndian(fixedPart[4..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(fixedPart[8..]);
            at += FixedSize;
            if (at + length > packet.Length)
            {
                return false;
            }
            if (isInternet && (kind == type || kind == DnsType.Cname))
            {
                if (!TryRead(packet, at, length, kind, owner, seconds > int.MaxValue ? 0 : seconds, out var record))
                {
                    return false;
                }
                records.Add(record!);
            }
            at += length;
        }
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> packet, int at, int length, DnsType kind, DnsName owner, uint seconds, out DnsRecord? record)
    {
        record = null;
        if (kind == DnsType.Cname)
        {
            var end = at;
            if (!DnsName.TryRead(packet, ref end, out var target) || end != at + length)
            {
                return false;
            }
            record = new DnsRecord(owner, seconds, null, target);
            return true;
        }
        if (length != (kind == DnsType.A ? 4 : 16))
        {
            return false;
        }
        record = new DnsRecord(owner, seconds, new IPAddress(packet.Slice(at, length)), null);
        return true;
    }
}
