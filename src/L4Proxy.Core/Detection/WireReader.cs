using System.Buffers.Binary;

namespace L4Proxy.Core.Detection;

/// <summary>Takes fields in network byte order off the front of a message; false means that the message is too short.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool Ended => _rest.IsEmpty;

    public bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        if (count > _rest.Length)
        {
            taken = default;
            return false;
        }
        taken = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    public bool TryUInt8(out byte value)
    {
        var there = TryTake(sizeof(byte), out var bytes);
        value = there ? bytes[0] : (byte)0;
        return there;
    }

    public bool TryUInt16(out ushort value)
    {
        var there = TryTake(sizeof(ushort), out var bytes);
        value = there ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;
        return there;
    }

    /// <summary>Bytes after a length of one byte.</summary>
    public bool TryVector8(out ReadOnlySpan<byte> vector)
    {
        vector = default;
        return TryUInt8(out var length) && TryTake(length, out vector);
    }

    /// <summary>Bytes after a length of two bytes.</summary>
    public bool TryVector16(out ReadOnlySpan<byte> vector)
    {
        vector = default;
        return TryUInt16(out var length) && TryTake(length, out vector);
    }
}
