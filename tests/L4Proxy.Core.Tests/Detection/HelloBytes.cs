using System.Buffers.Binary;
using System.Text;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>A ClientHello put together by hand, field by field, so that every rule of it can be broken.</summary>
internal sealed class HelloBytes
{
    private readonly List<byte> _extensions = [];

    public ushort LegacyVersion { get; init; } = 0x0303;

    public byte[] SessionId { get; init; } = new byte[32];

    public ushort[] CipherSuites { get; init; } = [0x1301, 0x1302, 0xC02B];

    public byte[] CompressionMethods { get; init; } = [0];

    public bool HasExtensions { get; init; } = true;

    /// <summary>Bytes that stand after everything else, inside the message.</summary>
    public byte[] Trailer { get; init; } = [];

    /// <summary>Added to the length of the extensions as it is written.</summary>
    public int ExtensionsLengthError { get; init; }

    public HelloBytes Extension(int type, params byte[] data)
    {
        _extensions.AddRange([.. UInt16(type), .. Vector16(data)]);
        return this;
    }

    public HelloBytes ServerName(string name) => ServerName(Encoding.Latin1.GetBytes(name));

    public HelloBytes ServerName(byte[] name) => Extension(0, Vector16([0, .. Vector16(name)]));

    public HelloBytes Alpn(params string[] protocols) => Extension(16, Vector16([.. protocols.SelectMany(protocol => Vector8(Encoding.Latin1.GetBytes(protocol)))]));

    public HelloBytes Versions(params int[] versions) => Extension(43, Vector8([.. versions.SelectMany(UInt16)]));

    public HelloBytes Padding(int bytes) => Extension(21, new byte[bytes]);

    /// <summary>The message with its header, without records.</summary>
    public byte[] Message()
    {
        var random = Enumerable.Range(0, 32).Select(i => (byte)(i * 7));
        byte[] extensions = HasExtensions ? [.. UInt16(_extensions.Count + ExtensionsLengthError), .. _extensions] : [];
        byte[] body =
        [
            .. UInt16(LegacyVersion), .. random, .. Vector8(SessionId), .. Vector16([.. CipherSuites.SelectMany(suite => UInt16(suite))]),
            .. Vector8(CompressionMethods), .. extensions, .. Trailer,
        ];
        return [1, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    /// <summary>The message in one record, or in as many as it takes when it is longer than a record may be.</summary>
    public byte[] Record() => Records(Message(), 16 * 1024);

    /// <summary>A message in records of <paramref name="fragment"/> bytes each, the last maybe shorter.</summary>
    public static byte[] Records(byte[] message, params int[] fragment)
    {
        var records = new byte[message.Length + 5 * (message.Length + 1)];
        var (from, to) = (0, 0);
        for (var i = 0; from < message.Length; i++)
        {
            var length = Math.Min(fragment[Math.Min(i, fragment.Length - 1)], message.Length - from);
            records[to] = 22;
            BinaryPrimitives.WriteUInt16BigEndian(records.AsSpan(to + 1), 0x0301);
            BinaryPrimitives.WriteUInt16BigEndian(records.AsSpan(to + 3), (ushort)length);
            message.AsSpan(from, length).CopyTo(records.AsSpan(to + 5));
            from += length;
            to += 5 + length;
        }
        return records[..to];
    }

    public static byte[] Vector8(byte[] bytes) => [(byte)bytes.Length, .. bytes];

    public static byte[] Vector16(byte[] bytes) => [.. UInt16(bytes.Length), .. bytes];

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];
}
