using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace L4Proxy.Names;

/// <summary>A complete domain name as it stands in packets: labels with their lengths, ASCII letters in lower case.</summary>
internal readonly struct DnsName : IEquatable<DnsName>
{
    /// <summary>RFC 1035 §3.1.</summary>
    public const int MaxWire = 255;
    private const int MaxLabel = 63;

    /// <summary>One for each label a name can have.</summary>
    private const int MaxPointers = 127;

    public DnsName(ReadOnlyMemory<byte> wire) => Wire = wire;

    public ReadOnlyMemory<byte> Wire { get; }

    /// <param name="text">With or without the dot at its end.</param>
    /// <param name="name">Undefined unless it is one.</param>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out DnsName name)
    {
        name = default;
        text = text.EndsWith('.') ? text[..^1] : text;
        if (text.Length is 0 or > MaxWire - 2 || !Ascii.IsValid(text))
        {
            return false;
        }
        var wire = new byte[text.Length + 2];
        var at = 0;
        foreach (var label in text.Split('.'))
        {
            if (label.Length is 0 or > MaxLabel || label.AsSpan().ContainsAny(" \t\r\n\0"))
            {
                return false;
            }
            wire[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label.ToLowerInvariant(), wire.AsSpan(at));
        }
        name = new DnsName(wire);
        return true;
    }

    /// <summary>Reads a name with the pointers of RFC 1035 §4.1.4. They must point backwards, so no chain of them can go in circles.</summary>
    /// <param name="packet">All of it.</param>
    /// <param name="at">In: where the name begins; out: what comes after it.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, ref int at, out DnsName name)
    {
        name = default;
        Span<byte> wire = stackalloc byte[MaxWire];
        var length = 0;
        var cursor = at;
        var lowest = at;
        var pointers = 0;
        while (cursor < packet.Length)
        {
            int size = packet[cursor];
            if (size >= 0xC0)
            {
                if (cursor + 1 >= packet.Length)
                {
                    return false;
                }
                var target = (size & 0x3F) << 8 | packet[cursor + 1];
                at = pointers > 0 ? at : cursor + 2;
                if (target >= lowest || ++pointers > MaxPointers)
                {
                    return false;
                }
                (cursor, lowest) = (target, target);
                continue;
            }
            // 0x40 and 0x80 are kinds of label that never came into use.
            if (size > MaxLabel || cursor + 1 + size > packet.Length || length + 1 + size > MaxWire)
            {
                return false;
            }
            packet.Slice(cursor + 1, size).CopyTo(wire[(length + 1)..]);
            wire[length] = (byte)size;
            Lower(wire.Slice(length + 1, size));
            length += 1 + size;
            cursor += 1 + size;
            if (size == 0)
            {
                at = pointers > 0 ? at : cursor;
                name = new DnsName(wire[..length].ToArray());
                return true;
            }
        }
        return false;
    }

    public bool Equals(DnsName other) => Wire.Span.SequenceEqual(other.Wire.Span);

    public override bool Equals(object? obj) => obj is DnsName other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Wire.Span);
        return hash.ToHashCode();
    }

    // Bytes above ASCII are legal in a packet (RFC 2181 §11) and have no case.
    private static void Lower(Span<byte> label)
    {
        foreach (ref var letter in label)
        {
            letter = letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
        }
    }
}
