using System.Buffers.Binary;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Detection;

/// <summary>
/// Guesses a protocol from whatever has arrived of its first message, for labels. Every guess is from the client's side: a protocol whose
/// server speaks first (MySQL, SMTP) shows nothing here that could be told from another.
/// </summary>
internal static class PlaintextHint
{
    // With fewer bytes a guess from text would be a guess from a letter or two.
    private const int FewestTextBytes = 3;

    public static Protocol Of(ReadOnlySpan<byte> arrived) => arrived switch
    {
        _ when Begins(arrived, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8) => Protocol.Http2,
        _ when Begins(arrived, "SSH-"u8) => Protocol.Ssh,
        _ when IsHttp1(arrived) => Protocol.Http1,
        _ when IsRedis(arrived) => Protocol.Redis,
        _ when IsPostgres(arrived) => Protocol.Postgres,
        _ when IsMongo(arrived) => Protocol.Mongo,
        _ when IsKafka(arrived) => Protocol.Kafka,
        _ => Protocol.Opaque,
    };

    private static bool Begins(ReadOnlySpan<byte> arrived, ReadOnlySpan<byte> literal)
    {
        var length = Math.Min(arrived.Length, literal.Length);
        return length >= FewestTextBytes && arrived[..length].SequenceEqual(literal[..length]);
    }

    // The methods of RFC 9110 §9 and RFC 5789. What follows must be able to begin a target (RFC 9112 §3.2): NATS says "CONNECT {…}".
    private static bool IsHttp1(ReadOnlySpan<byte> arrived) =>
        IsRequest(arrived, "GET "u8) || IsRequest(arrived, "POST "u8) || IsRequest(arrived, "PUT "u8) || IsRequest(arrived, "HEAD "u8)
        || IsRequest(arrived, "DELETE "u8) || IsRequest(arrived, "OPTIONS "u8) || IsRequest(arrived, "PATCH "u8)
        || IsRequest(arrived, "CONNECT "u8) || IsRequest(arrived, "TRACE "u8);

    private static bool IsRequest(ReadOnlySpan<byte> arrived, ReadOnlySpan<byte> method) =>
        Begins(arrived, method)
        && (arrived.Length <= method.Length || arrived[method.Length] is (byte)'/' or (byte)'*' or (byte)'[' || char.IsAsciiLetterOrDigit((char)arrived[method.Length]));

    // RESP: an array of bulk strings, *<count>CRLF$…
    private static bool IsRedis(ReadOnlySpan<byte> arrived)
    {
        if (arrived.Length < FewestTextBytes || arrived[0] != '*')
        {
            return false;
        }
        var digits = arrived[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits is > 0 and <= 7 && IsOrMayBecome(arrived[(1 + digits)..], "\r\n$"u8);

        static bool IsOrMayBecome(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> literal) =>
            rest[..Math.Min(rest.Length, literal.Length)].SequenceEqual(literal[..Math.Min(rest.Length, literal.Length)]);
    }

    // "Message Formats" of the PostgreSQL manual: length with itself, then a code that no version of the protocol uses, or version 3.x.
    private static bool IsPostgres(ReadOnlySpan<byte> arrived)
    {
        const int CancelRequest = 80877102, SslRequest = 80877103, GssEncRequest = 80877104;
        const int LongestStartup = 10_000;   // MAX_STARTUP_PACKET_LENGTH of the server
        if (arrived.Length < 8)
        {
            return false;
        }
        var length = BinaryPrimitives.ReadInt32BigEndian(arrived);
        return BinaryPrimitives.ReadInt32BigEndian(arrived[4..]) switch
        {
            SslRequest or GssEncRequest => length == 8,
            CancelRequest => length is >= 16 and <= LongestStartup,
            var version => version >> 16 == 3 && (version & 0xFFFF) < 10 && length is > 8 and <= LongestStartup,
        };
    }

    // "MongoDB Wire Protocol": length, request, the request answered (none yet), operation; little-endian, at most 48 MB.
    private static bool IsMongo(ReadOnlySpan<byte> arrived)
    {
        const int Query = 2004, Compressed = 2012, Message = 2013;
        return arrived.Length >= 16
            && BinaryPrimitives.ReadInt32LittleEndian(arrived) is > 16 and <= 48_000_000
            && BinaryPrimitives.ReadInt32LittleEndian(arrived[8..]) == 0
            && BinaryPrimitives.ReadInt32LittleEndian(arrived[12..]) is Query or Compressed or Message;
    }

    // "Request Header v1" of the Kafka protocol guide: size, API key, API version, correlation id, client id with its length or -1.
    private static bool IsKafka(ReadOnlySpan<byte> arrived)
    {
        const int Header = 14, LargestRequest = 104_857_600;   // socket.request.max.bytes of the broker
        if (arrived.Length < Header)
        {
            return false;
        }
        var size = BinaryPrimitives.ReadInt32BigEndian(arrived);
        var clientId = BinaryPrimitives.ReadInt16BigEndian(arrived[12..]);
        return size is >= Header - sizeof(int) and <= LargestRequest
            && BinaryPrimitives.ReadInt16BigEndian(arrived[4..]) is >= 0 and <= 100
            && BinaryPrimitives.ReadInt16BigEndian(arrived[6..]) is >= 0 and <= 20
            && clientId is >= -1 && clientId <= size - (Header - sizeof(int))
            && !arrived.Slice(Header, Math.Min(Math.Max(clientId, (short)0), arrived.Length - Header)).ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }
}
