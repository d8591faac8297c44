using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace L4Proxy.Tests.Names;

/// <summary>What a server was asked, and the packets it may answer with.</summary>
internal sealed record DnsQuestion(byte[] Packet, bool OverTcp)
{
    public const ushort A = 1, Cname = 5, Text = 16, Aaaa = 28;
    private const int Header = 12;

    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Packet);

    /// <summary>Whether it says that it takes more than 512 bytes.</summary>
    public bool IsExtended => Packet[11] == 1;

    public string Name
    {
        get
        {
            var labels = new List<string>();
            for (var at = Header; Packet[at] != 0; at += 1 + Packet[at])
            {
                labels.Add(Encoding.ASCII.GetString(Packet, at + 1, Packet[at]));
            }
            return string.Join('.', labels);
        }
    }

    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(Packet.AsSpan(Header + Wire(Name).Length));

    /// <summary>The records that are of the type asked for, and the aliases before them.</summary>
    public byte[] Answer(params DnsTestRecord[] records) => Respond(0, [.. records.Where(record => record.Type == Type || record.Type is Cname or Text)]);

    public byte[] Fail(int code) => Respond(code, []);

    /// <summary>"There is more than fits."</summary>
    public byte[] Truncate()
    {
        var packet = Respond(0, []);
        packet[2] |= 0x02;
        return packet;
    }

    public byte[] Respond(int code, DnsTestRecord[] records)
    {
        var body = new List<byte>();
        foreach (var record in records)
        {
            body.AddRange(Wire(record.Owner));
            var fields = new byte[10];
            BinaryPrimitives.WriteUInt16BigEndian(fields, record.Type);
            BinaryPrimitives.WriteUInt16BigEndian(fields.AsSpan(2), 1);
            BinaryPrimitives.WriteUInt32BigEndian(fields.AsSpan(4), record.Seconds);
            BinaryPrimitives.WriteUInt16BigEndian(fields.AsSpan(8), (ushort)record.Data.Length);
            body.AddRange(fields);
            body.AddRange(record.Data);
        }
        var question = Packet.AsSpan(Header, Wire(Name).Length + 4);
        var packet = new byte[Header + question.Length + body.Count];
        BinaryPrimitives.WriteUInt16BigEndian(packet, Id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(0x8180 | code));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)records.Length);
        question.CopyTo(packet.AsSpan(Header));
        body.CopyTo(packet, Header + question.Length);
        return packet;
    }

    public static byte[] Wire(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}

/// <summary>One record of an answer.</summary>
internal sealed record DnsTestRecord(string Owner, ushort Type, uint Seconds, byte[] Data)
{
    public static DnsTestRecord Address(string owner, string address, uint seconds = 60)
    {
        var ip = IPAddress.Parse(address);
        var type = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsQuestion.A : DnsQuestion.Aaaa;
        return new(owner, type, seconds, ip.GetAddressBytes());
    }

    public static DnsTestRecord Alias(string owner, string target, uint seconds = 60) =>
        new(owner, DnsQuestion.Cname, seconds, DnsQuestion.Wire(target));
}
