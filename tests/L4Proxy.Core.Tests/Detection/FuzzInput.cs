using System.Buffers.Binary;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>One input after the other in one buffer, the same in every run with the same seed (xorshift64*, because System.Random may change).</summary>
internal sealed class FuzzInput(ulong seed)
{
    private static readonly byte[] _telling = [0, 1, 2, 3, 4, 10, 13, 16, 20, 21, 22, 23, 32, 43, 48, 58, 0x40, 0x41, 0x7F, 0x80, 0xFF];

    private readonly byte[] _buffer = new byte[40_000];
    private ulong _state = seed;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    /// <summary>A number from 0 to below <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (uint)bound, out _);

    public bool OneIn(int count) => Below(count) == 0;

    public void Clear() => Length = 0;

    public void Add(byte value) => _buffer[Length++] = value;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    public void AddUInt16(int value) => Add([(byte)(value >> 8), (byte)value]);

    public void AddRandom(int count)
    {
        // Whole words beyond the end are overwritten by what comes next.
        for (var i = 0; i < count; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(Length + i), Next());
        }
        Length += count;
    }

    public void Write(int at, int value) => BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), (ushort)value);

    /// <summary>Changes the input in one to six places, the way damage and attacks do.</summary>
    public void Mutate()
    {
        for (var i = Below(6); i >= 0 && Length > 2; i--)
        {
            var at = Below(OneIn(2) ? Math.Min(Length, 64) : Length);
            var count = Math.Min(1 + Below(24), Length - at);
            switch (Below(8))
            {
                case 0:
                    _buffer[at] ^= (byte)(1 << Below(8));
                    break;
                case 1:
                    _buffer[at] = (byte)Below(256);
                    break;
                case 2:
                    _buffer[at] = _telling[Below(_telling.Length)];
                    break;
                case 3:
                    _buffer[at] += (byte)(1 - (2 * Below(2)));
                    break;
                case 4:
                    Length = OneIn(4) ? at : Length;
                    break;
                case 5:
                    Shift(at, count);
                    break;
                case 6:
                    Shift(at + count, -count);
                    break;
                default:
                    _buffer.AsSpan(Below(Length - count + 1), count).CopyTo(_buffer.AsSpan(at));
                    break;
            }
        }
    }

    private ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    // What stands from a place on moves; on the way back over what is before it, on the way forth leaving a copy.
    private void Shift(int from, int by)
    {
        _buffer.AsSpan(from, Length - from).CopyTo(_buffer.AsSpan(from + by));
        Length += by;
    }
}
