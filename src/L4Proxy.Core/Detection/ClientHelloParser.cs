using System.Buffers;
using System.Buffers.Binary;

namespace L4Proxy.Core.Detection;

/// <summary>
/// Recognises a TLS ClientHello in bytes that were looked at and not taken, always from the first byte of the connection. The message may
/// arrive in any split of segments and of TLS records. Keeps nothing between calls: while the message is incomplete a call looks at the
/// headers of the records that have arrived and at no more, so that a client that sends single bytes cannot make it expensive.
/// </summary>
public static class ClientHelloParser
{
    /// <summary>
    /// Longest message accepted, in bytes, with its own header and without those of the records: 16 KiB, what fits one TLS record
    /// (RFC 8446 §5.1), and about eight times a hello with post-quantum key shares.
    /// </summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>
    /// Most bytes of the connection that are ever needed for a verdict: a message of <see cref="MaxBytes"/> and as much again for the
    /// headers of its records, 5 bytes each. Whoever has this many bytes never gets <see cref="HelloStatus.NeedMore"/>.
    /// </summary>
    public const int MaxArrivedBytes = 2 * MaxBytes;

    private const int RecordHeaderBytes = 5;
    private const int MessageHeaderBytes = 4;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;

    // Version, random, empty session id, one cipher suite, one compression method: RFC 8446 §4.1.2.
    private const int ShortestMessage = MessageHeaderBytes + 2 + 32 + 1 + 2 + 2 + 1 + 1;

    /// <summary>Parses what has arrived.</summary>
    /// <param name="arrived">All bytes of the connection so far, from its first.</param>
    /// <param name="hello">The message if <see cref="HelloStatus.Complete"/>, else null. Nothing is allocated without it.</param>
    public static HelloStatus Parse(ReadOnlySpan<byte> arrived, out ClientHello? hello)
    {
        hello = null;
        var status = Measure(arrived, out var length);
        if (status != HelloStatus.Complete)
        {
            return status;
        }
        if (FragmentLength(arrived) == length)
        {
            hello = ClientHelloMessageReader.Read(arrived.Slice(RecordHeaderBytes + MessageHeaderBytes, length - MessageHeaderBytes));
        }
        else
        {
            var message = ArrayPool<byte>.Shared.Rent(length);
            Join(arrived, message.AsSpan(0, length));
            hello = ClientHelloMessageReader.Read(message.AsSpan(MessageHeaderBytes, length - MessageHeaderBytes));
            ArrayPool<byte>.Shared.Return(message);
        }
        return hello is null ? HelloStatus.Malformed : HelloStatus.Complete;
    }

    /// <summary>Walks the records; <paramref name="length"/> is that of the message once all of it is there.</summary>
    private static HelloStatus Measure(ReadOnlySpan<byte> arrived, out int length)
    {
        length = 0;
        var (position, headers, declared) = (0, 0, 0);
        var prefix = 0u;
        while (true)
        {
            var record = arrived[position..];
            var status = JudgeRecord(record, isFirst: position == 0);
            if (status != HelloStatus.Complete)
            {
                return status;
            }
            headers += RecordHeaderBytes;
            if (headers > MaxArrivedBytes - MaxBytes)
            {
                return HelloStatus.TooLarge;
            }
            var fragment = record[RecordHeaderBytes..];
            var fragmentLength = FragmentLength(record);
            var isWhole = fragment.Length >= fragmentLength;

            // The message's own header may itself be split over records.
            for (var i = 0; declared + i < MessageHeaderBytes && i < Math.Min(fragmentLength, fragment.Length); i++)
            {
                prefix = (prefix << 8) | fragment[i];
                var judged = JudgeMessage(prefix, declared + i + 1);
                if (judged != HelloStatus.NeedMore)
                {
                    return judged;
                }
                length = declared + i + 1 == MessageHeaderBytes ? MessageHeaderBytes + (int)(prefix & 0xFF_FFFF) : 0;
            }
            declared += fragmentLength;
            if (length > 0 && declared >= length)
            {
                // A client may send nothing more in this record: it has to hear the server first.
                return declared > length ? HelloStatus.Malformed : isWhole ? HelloStatus.Complete : HelloStatus.NeedMore;
            }
            if (!isWhole)
            {
                return HelloStatus.NeedMore;
            }
            position += RecordHeaderBytes + fragmentLength;
        }
    }

    // Type 22, version 3.0 to 3.4 (RFC 8446 §5.1 has it ignored, so that a TLS 1.3 client may write any), 1 to 16384 bytes. Judged byte by
    // byte: what cannot be TLS must not wait for a fifth byte that may never come.
    private static HelloStatus JudgeRecord(ReadOnlySpan<byte> record, bool isFirst)
    {
        var isNot = isFirst ? HelloStatus.NotTls : HelloStatus.Malformed;
        if ((record.Length > 0 && record[0] != HandshakeRecord) || (record.Length > 1 && record[1] != 3) || (record.Length > 2 && record[2] > 4))
        {
            return isNot;
        }
        if (record.Length > 3 && record[3] > MaxBytes >> 8)
        {
            return HelloStatus.Malformed;
        }
        if (record.Length < RecordHeaderBytes)
        {
            return HelloStatus.NeedMore;
        }
        return FragmentLength(record) is > 0 and <= MaxBytes ? HelloStatus.Complete : HelloStatus.Malformed;
    }

    /// <summary>Judges the message by the first <paramref name="count"/> bytes of its header, which are in <paramref name="prefix"/>.</summary>
    private static HelloStatus JudgeMessage(uint prefix, int count) => count switch
    {
        1 => prefix == ClientHelloMessage ? HelloStatus.NeedMore : HelloStatus.NotTls,
        2 => (prefix & 0xFF) == 0 ? HelloStatus.NeedMore : HelloStatus.TooLarge,
        3 => (prefix & 0xFF) <= MaxBytes >> 8 ? HelloStatus.NeedMore : HelloStatus.TooLarge,
        _ => (MessageHeaderBytes + (int)(prefix & 0xFF_FFFF)) switch
        {
            < ShortestMessage => HelloStatus.Malformed,
            > MaxBytes => HelloStatus.TooLarge,
            _ => HelloStatus.NeedMore,
        },
    };

    private static void Join(ReadOnlySpan<byte> arrived, Span<byte> message)
    {
        while (!message.IsEmpty)
        {
            var fragment = arrived.Slice(RecordHeaderBytes, FragmentLength(arrived));
            fragment.CopyTo(message);
            message = message[fragment.Length..];
            arrived = arrived[(RecordHeaderBytes + fragment.Length)..];
        }
    }

    private static int FragmentLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[3..]);
}
