using System.Buffers.Binary;
using System.Globalization;

namespace L4Proxy.Load.Wire;

/// <summary>What a TLS server chose, which even TLS 1.3 says in the open (RFC 8446, 4.1.3).</summary>
/// <param name="Version">For instance 0x0304 for TLS 1.3.</param>
/// <param name="Cipher">Number of the cipher suite.</param>
/// <param name="Group">Number of the key exchange group; 0 before TLS 1.3.</param>
/// <param name="Resumed">Whether a pre-shared key was taken: no full handshake.</param>
/// <param name="Retried">Whether the client had to say hello twice, because its first offer had no key for the group.</param>
internal readonly record struct ServerHello(ushort Version, ushort Cipher, ushort Group, bool Resumed, bool Retried)
{
    private const byte HandshakeRecord = 22;
    private const byte ServerHelloMessage = 2;
    private const ushort PreSharedKey = 41;
    private const ushort SupportedVersions = 43;
    private const ushort KeyShare = 51;

    // The random of a HelloRetryRequest, its first eight bytes (RFC 8446, 4.1.3).
    private const ulong RetryRandom = 0xcf21ad74e59a6111;

    /// <summary>The first complete answer among the bytes a server has sent; null while there is none.</summary>
    internal static ServerHello? Find(ReadOnlySpan<byte> bytes)
    {
        var retried = false;
        while (bytes.Length >= 5)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (bytes.Length < 5 + length)
            {
                return null;
            }
            var record = bytes.Slice(5, length);
            if (bytes[0] == HandshakeRecord && record is [ServerHelloMessage, ..])
            {
                if (BinaryPrimitives.ReadUInt64BigEndian(record[6..]) != RetryRandom)
                {
                    return Read(record, retried);
                }
                retried = true;
            }
            bytes = bytes[(5 + length)..];
        }
        return null;
    }

    public override string ToString() => string.Join(", ", new[]
    {
        Version switch { 0x0304 => "TLS 1.3", 0x0303 => "TLS 1.2", _ => Hex(Version) },
        Cipher switch { 0x1301 => "TLS_AES_128_GCM_SHA256", 0x1302 => "TLS_AES_256_GCM_SHA384", 0x1303 => "TLS_CHACHA20_POLY1305_SHA256", _ => Hex(Cipher) },
        Group switch { 0 => "", 0x17 => "secp256r1", 0x18 => "secp384r1", 0x1d => "x25519", 0x11ec => "X25519MLKEM768", _ => Hex(Group) },
        Resumed ? "resumed" : "full handshake",
        Retried ? "client hello twice" : "",
    }.Where(part => part.Length > 0));

    // Header 4, version 2, random 32, session id, cipher 2, compression 1, extensions.
    private static ServerHello Read(ReadOnlySpan<byte> message, bool retried)
    {
        var session = message[38];
        var rest = message[(39 + session)..];
        var hello = new ServerHello(
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]), BinaryPrimitives.ReadUInt16BigEndian(rest), 0, false, retried);
        for (rest = rest[5..]; rest.Length >= 4;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            var content = rest.Slice(4, length);
            hello = type switch
            {
                SupportedVersions => hello with { Version = BinaryPrimitives.ReadUInt16BigEndian(content) },
                KeyShare => hello with { Group = BinaryPrimitives.ReadUInt16BigEndian(content) },
                PreSharedKey => hello with { Resumed = true },
                _ => hello,
            };
            rest = rest[(4 + length)..];
        }
        return hello;
    }

    private static string Hex(ushort value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x4}");
}
