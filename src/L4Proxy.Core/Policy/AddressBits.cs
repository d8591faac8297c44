using System.Buffers.Binary;
using System.Net;

namespace L4Proxy.Core.Policy;

/// <summary>An address as a number that begins at the highest bit. An IPv4 address that is mapped into IPv6 is that IPv4 address.</summary>
internal readonly record struct AddressBits(UInt128 Bits, bool IsV4)
{
    // ::ffff:0:0/96, RFC 4291 §2.5.5.2
    private const uint Mapped = 0xFFFF;

    public int Width => IsV4 ? 32 : 128;

    public static AddressBits Of(IPAddress address)
    {
        var read = Read(address);
        return !read.IsV4 && read.Bits >> 32 == Mapped ? new(read.Bits << 96, IsV4: true) : read;
    }

    /// <summary>As it is written: a mapped address stays one.</summary>
    public static AddressBits Read(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var count);
        return count == 4
            ? new((UInt128)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 96, IsV4: true)
            : new(BinaryPrimitives.ReadUInt128BigEndian(bytes), IsV4: false);
    }
}

/// <summary>A network, with its bits beyond the prefix cleared. One inside <c>::ffff:0:0/96</c> is an IPv4 network; <c>::/0</c> holds IPv6 only.</summary>
internal readonly record struct NetworkBits(UInt128 Bits, byte Length, bool IsV4)
{
    public static NetworkBits Of(IPNetwork network)
    {
        var (bits, isV4) = AddressBits.Of(network.BaseAddress);
        var length = network.PrefixLength;
        if (isV4 && AddressBits.Read(network.BaseAddress) is { IsV4: false } written)
        {
            (bits, length, isV4) = length < 96 ? (written.Bits, length, false) : (bits, length - 96, true);
        }
        return new(length == 0 ? 0 : bits >> (128 - length) << (128 - length), (byte)length, isV4);
    }

    public bool Contains(AddressBits address) =>
        address.IsV4 == IsV4 && (Length == 0 || (address.Bits ^ Bits) >> (128 - Length) == 0);
}
