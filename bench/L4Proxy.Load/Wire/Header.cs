using System.Buffers.Binary;

namespace L4Proxy.Load.Wire;

/// <summary>What the server does on a connection.</summary>
internal enum Mode : byte
{
    /// <summary>Answers every message of <see cref="Header.Length"/> bytes with the same bytes; the header is part of the first message.</summary>
    Echo = 1,

    /// <summary>Reads to the end, then answers with the number of bytes read (8 bytes) and ends.</summary>
    Upload,

    /// <summary>Sends <see cref="Header.Length"/> bytes and ends, reading meanwhile.</summary>
    Download,

    /// <summary>Sends <see cref="Header.Length"/> bytes and ends, but only after the generator has ended its direction.</summary>
    AnswerAfterEnd,
}

/// <summary>The first 16 bytes of every connection: what the generator asks the server for.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="Verify">Whether the server compares every byte with <see cref="Pattern"/> instead of dropping it unread.</param>
/// <param name="Length">Bytes per message (echo) or bytes to send.</param>
internal readonly record struct Header(Mode Mode, bool Verify, long Length)
{
    internal const int Size = 16;
    private const ushort Magic = 0x4c34;

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Magic);
        bytes[2] = (byte)Mode;
        bytes[3] = Verify ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Length);
    }

    internal static Header Read(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes) == Magic
            ? new Header((Mode)bytes[2], bytes[3] == 1, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]))
            : throw new LoadException("the server received something that is not this tool's header: the proxy changed or dropped bytes");
}
