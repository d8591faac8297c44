using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace L4Proxy.Tests.Tls;

/// <summary>A PROXY protocol header of version 2 over IPv4, read by its specification and not by our parser.</summary>
internal sealed record ProxyV2Header(IPEndPoint Source, IPEndPoint Destination, string? Identity)
{
    private static readonly byte[] _signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    public static async Task<ProxyV2Header> ReadAsync(Dialogue dialogue)
    {
        var start = await dialogue.HearAsync(16);
        Assert.Equal(_signature, start[..12]);
        // Version 2, PROXY; TCP over IPv4.
        Assert.Equal((0x21, 0x11), (start[12], start[13]));
        var rest = await dialogue.HearAsync(BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(14)));
        return new(
            new(new IPAddress(rest[..4]), BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(8))),
            new(new IPAddress(rest[4..8]), BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(10))),
            Value(rest.AsSpan(12), 0xD0));
    }

    // Type, two bytes of length, value.
    private static string? Value(ReadOnlySpan<byte> values, byte type)
    {
        while (values.Length > 0)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(values[1..]);
            if (values[0] == type)
            {
                return Encoding.UTF8.GetString(values.Slice(3, length));
            }
            values = values[(3 + length)..];
        }
        return null;
    }
}
