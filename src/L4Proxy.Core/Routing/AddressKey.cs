using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>
/// An address or a network, and a port, as a key. IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that both spellings of an address
/// are one key. Made without allocating.
/// </summary>
/// <param name="High">First eight bytes, host bits cleared.</param>
/// <param name="Low">The others.</param>
/// <param name="Port">0 where ports do not matter.</param>
/// <param name="Length">Of the prefix in the IPv6 form, 0 to 128, or <see cref="AnyAddress"/>.</param>
internal readonly record struct AddressKey(ulong High, ulong Low, int Port, byte Length)
{
    /// <summary>What is called by any address of either family: less specific than every network.</summary>
    public const byte AnyAddress = byte.MaxValue;

    /// <summary>Bits before the IPv4 address in its IPv6 form.</summary>
    public const int MappedBits = 96;

    private const ulong MappedMarker = 0xFFFF_0000_0000;

    public bool IsIPv4 => High == 0 && Low >> 32 == MappedMarker >> 32;

    public static AddressKey Of(IPEndPoint endPoint) => Of(endPoint.Address, endPoint.Port);

    public static AddressKey Of(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4
            ? new(0, MappedMarker | BinaryPrimitives.ReadUInt32BigEndian(bytes), port, 128)
            : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port, 128);
    }

    public static AddressKey Of(IPNetwork network, int port)
    {
        var address = Of(network.BaseAddress, port);
        // The other family's prefix is counted from where the address begins.
        return address.Prefix(address.IsIPv4 && !network.BaseAddress.IsIPv4MappedToIPv6 ? MappedBits + network.PrefixLength : network.PrefixLength);
    }

    public static AddressKey Any(int port) => new(0, 0, port, AnyAddress);

    /// <summary>The network of this length that the address lies in.</summary>
    public AddressKey Prefix(int length) => length switch
    {
        >= 128 => this with { Length = 128 },
        > 64 => new(High, Low & (ulong.MaxValue << (128 - length)), Port, (byte)length),
        0 => new(0, 0, Port, 0),
        _ => new(High & (ulong.MaxValue << (64 - length)), 0, Port, (byte)length),
    };

    /// <summary>Whether an address lies in this network. IPv6 networks hold no IPv4 addresses, however short their prefix.</summary>
    public bool Covers(in AddressKey address)
    {
        var prefix = address.Prefix(Length);
        return prefix.High == High && prefix.Low == Low && (Length >= MappedBits || !address.IsIPv4);
    }

    /// <summary>As people write it: an address, a network, or <c>any address</c>; without the port.</summary>
    public string Words()
    {
        if (Length == AnyAddress)
        {
            return "any address";
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        var address = new IPAddress(bytes);
        var isMapped = IsIPv4 && Length >= MappedBits;
        var text = (isMapped ? address.MapToIPv4() : address).ToString();
        return Length == 128 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}/{(isMapped ? Length - MappedBits : Length)}");
    }

    /// <summary>Well mixed in its upper bits, and the same in every process: source hash depends on it.</summary>
    public ulong Hash()
    {
        var hash = (High ^ 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9;
        hash = ((hash ^ (hash >> 32)) + Low) * 0x94D0_49BB_1331_11EB;
        return Mix(((hash ^ (hash >> 29)) + ((ulong)(uint)Port << 8) + Length) * 0xBF58_476D_1CE4_E5B9);
    }

    public override int GetHashCode() => (int)(Hash() >> 32);

    /// <summary>The last step of SplitMix64: every bit of the input moves about half of the output.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
