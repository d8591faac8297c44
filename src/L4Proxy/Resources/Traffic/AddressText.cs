using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Resources.Traffic;

/// <summary>Addresses and networks as Istio's resources write them: a network's address may have any bits behind its prefix.</summary>
internal static class AddressText
{
    public static IPAddress? TryAddress(ReadOnlySpan<char> text)
    {
        // The BCL reads "127.1", "010.0.0.1", "[::1]" and "fe80::1%eth0" too; what others would read differently or not at all is refused.
        if (text.IsEmpty || text.ContainsAny('[', '%') || !IPAddress.TryParse(text, out var address))
        {
            return null;
        }
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }
        Span<char> usual = stackalloc char[15];
        return address.TryFormat(usual, out var length) && text.SequenceEqual(usual[..length]) ? address : null;
    }

    /// <summary>An address alone, or a network; bits behind its prefix do not count, and are worth a word.</summary>
    public static IPNetwork NetworkOrWarn(string text, Action<string> warn)
    {
        var (network, written) = Read(text);
        if (!network.BaseAddress.Equals(written))
        {
            warn($"'{text}' has bits set behind its prefix, which do not count; write {network}");
        }
        return network;
    }

    public static IPNetwork Network(string text) => Read(text).Network;

    private static (IPNetwork Network, IPAddress Written) Read(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (TryAddress(slash < 0 ? text : text.AsSpan(0, slash)) is not { } address)
        {
            throw new FormatException(
                $"'{text}' is neither an IP address nor a network; write one such as 10.1.2.3, 10.0.0.0/8 or 2001:db8::/32");
        }
        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash < 0)
        {
            return (new IPNetwork(address, longest), address);
        }
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > longest)
        {
            throw new FormatException($"'{text}' has no valid prefix length; write a number from 0 to {longest} behind the slash");
        }
        return (new IPNetwork(Masked(address, length), length), address);
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        bytes = bytes[..written];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] &= (byte)~(0xFF >> Math.Clamp(length - index * 8, 0, 8));
        }
        return new IPAddress(bytes);
    }
}
