using System.Buffers.Binary;

namespace L4Proxy.Core.Detection;

/// <summary>
/// Reads the fields of a line from left to right until they end, the bytes end, or one of them is wrong; what it is asked after that does
/// nothing. So a line is refused at the first byte that cannot be right, and the same way however much of it is there.
/// </summary>
internal ref struct ProxyLineReader(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;

    public int Position { get; private set; }

    /// <summary>Complete as long as everything asked for was there.</summary>
    public ProxyHeaderStatus Status { get; private set; } = ProxyHeaderStatus.Complete;

    public void Refuse() => Status = Status == ProxyHeaderStatus.Complete ? ProxyHeaderStatus.Invalid : Status;

    /// <summary>The byte that comes next, without taking it; 0, which no line may contain, if there is none.</summary>
    public byte Next()
    {
        if (Status == ProxyHeaderStatus.Complete && Position == _line.Length)
        {
            Status = ProxyHeaderStatus.NeedMore;
        }
        return Status == ProxyHeaderStatus.Complete ? _line[Position] : (byte)0;
    }

    public void Expect(ReadOnlySpan<byte> literal)
    {
        foreach (var octet in literal)
        {
            Take(Next() == octet);
        }
    }

    /// <summary>Takes one of two bytes and says whether it was the second.</summary>
    public bool OneOf(byte first, byte second)
    {
        var next = Next();
        Take(next == first || next == second);
        return next == second;
    }

    /// <summary>A decimal number without leading zeros, and the byte that ends it.</summary>
    public int Number(int largest, byte end)
    {
        var value = 0;
        for (var digits = 0; Status == ProxyHeaderStatus.Complete; digits++)
        {
            var next = Next();
            if (next == end && digits > 0)
            {
                Position++;
                return value;
            }
            value = (value * 10) + next - '0';
            Take(char.IsAsciiDigit((char)next) && value <= largest && (digits == 0 || value >= 10));
        }
        return 0;
    }

    /// <summary>An address of the size of <paramref name="address"/>, and the space that ends it.</summary>
    public void Address(scoped Span<byte> address)
    {
        if (address.Length == 4)
        {
            IpV4(address);
        }
        else
        {
            IpV6(address);
        }
    }

    /// <summary>Whatever else stands on the line, and its end. Printable ASCII, for the line is text.</summary>
    public void SkipToLineEnd()
    {
        if (Next() == ' ')
        {
            while (Next() is >= (byte)' ' and <= (byte)'~')
            {
                Position++;
            }
        }
        Expect("\r\n"u8);
    }

    private void IpV4(scoped Span<byte> address)
    {
        for (var i = 0; i < address.Length; i++)
        {
            address[i] = (byte)Number(255, i < address.Length - 1 ? (byte)'.' : (byte)' ');
        }
    }

    // RFC 4291 §2.2: eight groups of one to four hexadecimal digits, one run of zero groups written "::", and the last two groups maybe as
    // IPv4, which the specification does not name and inet_ntop writes for an IPv4-mapped address. No scope: it would be another host's.
    private void IpV6(scoped Span<byte> address)
    {
        address.Clear();
        var (count, gap) = (0, -1);
        if (Next() == ':')
        {
            Expect("::"u8);
            gap = 0;
        }
        while (Status == ProxyHeaderStatus.Complete)
        {
            var most = gap < 0 ? 8 : 7;
            if (gap == count && Next() == ' ')
            {
                Position++;
                Spread(address, count, gap);
                return;
            }
            var start = Position;
            var group = count < most ? HexGroup() : Refused();
            switch (Next())
            {
                case (byte)'.' when gap < 0 ? count == most - 2 : count <= most - 2:
                    Position = start;
                    IpV4(address.Slice(2 * count, 4));
                    Spread(address, count + 2, gap);
                    return;
                case (byte)' ' when gap >= 0 || count == most - 1:
                    Position++;
                    BinaryPrimitives.WriteUInt16BigEndian(address[(2 * count)..], group);
                    Spread(address, count + 1, gap);
                    return;
                case (byte)':' when count < most - 1:
                    Position++;
                    BinaryPrimitives.WriteUInt16BigEndian(address[(2 * count)..], group);
                    count++;
                    if (Next() == ':')
                    {
                        Take(gap < 0);
                        gap = count;
                    }
                    break;
                default:
                    Refuse();
                    break;
            }
        }
    }

    private ushort HexGroup()
    {
        var value = 0;
        var digits = 0;
        for (; digits < 4 && char.IsAsciiHexDigit((char)Next()); digits++)
        {
            var digit = Next();
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
            Position++;
        }
        return digits > 0 ? (ushort)value : Refused();
    }

    private ushort Refused()
    {
        Refuse();
        return 0;
    }

    // Moves the groups after the gap to the end of the address.
    private static void Spread(Span<byte> address, int count, int gap)
    {
        if (gap >= 0)
        {
            var tail = address[(2 * gap)..(2 * count)];
            tail.CopyTo(address[^tail.Length..]);
            address[(2 * gap)..^tail.Length].Clear();
        }
    }

    private void Take(bool isRight)
    {
        if (!isRight)
        {
            Refuse();
        }
        Position += Status == ProxyHeaderStatus.Complete ? 1 : 0;
    }
}
