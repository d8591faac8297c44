using System.Buffers.Binary;

namespace L4Proxy.Names;

/// <summary>One question to a server (RFC 1035 §4.1), and what an answer must repeat to be one.</summary>
/// <param name="Id">Drawn at random for every packet.</param>
/// <param name="Name">As in the question.</param>
/// <param name="Type"><see cref="DnsType.A"/> or <see cref="DnsType.Aaaa"/>.</param>
internal readonly record struct DnsQuery(ushort Id, DnsName Name, DnsType Type)
{
    /// <summary>Fits a packet of Ethernet over IPv6 with room for tunnels, so that no answer comes in fragments (DNS flag day 2020).</summary>
    public const int MaxUdp = 1232;

    private const int HeaderSize = 12;
    private const ushort RecursionDesired = 0x0100;
    private const ushort ClassInternet = 1;
    private const ushort TypeOpt = 41;

    /// <param name="extended">Whether to say that we take more than 512 bytes (EDNS, RFC 6891); servers of the last century do not understand it.</param>
    public byte[] Write(bool extended)
    {
        var wire = Name.Wire.Span;
        var packet = new byte[HeaderSize + wire.Length + 4 + (extended ? 11 : 0)];
        BinaryPrimitives.WriteUInt16BigEndian(packet, Id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)(extended ? 1 : 0));
        wire.CopyTo(packet.AsSpan(HeaderSize));
        var rest = packet.AsSpan(HeaderSize + wire.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], ClassInternet);
        if (extended)
        {
            // An OPT record: root name, type, our size in the place of the class; version 0 and no options.
            BinaryPrimitives.WriteUInt16BigEndian(rest[5..], TypeOpt);
            BinaryPrimitives.WriteUInt16BigEndian(rest[7..], MaxUdp);
        }
        return packet;
    }
}

/// <summary>The record types that lead to addresses (RFC 1035 §3.2.2, RFC 3596 §2.1).</summary>
internal enum DnsType : ushort
{
    A = 1,
    Cname = 5,
    Aaaa = 28,
}
