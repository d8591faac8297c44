using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Configuration.Binding;

/// <summary>
/// Scalars as people write them, both ways. Every parser throws <see cref="FormatException"/> with "what is wrong; what would do".
/// </summary>
internal static class ScalarText
{
    /// <summary>The runtime's timers count milliseconds in 32 bits and stop at 49.7 days.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(49);

    private static readonly (string Suffix, TimeSpan Unit)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
    ];

    public static int Port(string text) =>
        WholeNumber(text) is >= 1 and <= 65535 and var port
            ? (int)port
            : throw new FormatException($"'{text}' is not a port; write a number from 1 to 65535");

    /// <param name="orElse">The word that may stand in place of a number, such as <c>auto</c>.</param>
    public static int Number(string text, int least, int most, string? orElse = null) =>
        WholeNumber(text) is { } number && number >= least && number <= most
            ? (int)number
            : throw new FormatException(
                $"'{text}' is not accepted; write a whole number from {least} to {most}{(orElse is null ? "" : $", or {orElse}")}");

    public static int? NumberOrAuto(string text, int least, int most) =>
        text == "auto" ? null : Number(text, least, most, orElse: "auto");

    public static bool Switch(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"'{text}' is neither true nor false; write one of them"),
    };

    /// <summary>A length of time with exactly one unit: ms, s, m or h.</summary>
    /// <param name="zero">What zero stands for; null = zero is refused.</param>
    public static TimeSpan Duration(string text, string? zero = null)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0 && text.Length > 0)
        {
            throw new FormatException($"'{text}' has no unit; write {text}s for seconds, or use ms, m or h");
        }
        var unit = Array.Find(_units, candidate => digits > 0 && candidate.Suffix == text[digits..]).Unit;
        if (unit == TimeSpan.Zero)
        {
            throw new FormatException($"'{text}' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h");
        }
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > _longest / unit)
        {
            throw new FormatException($"'{text}' is too long; timers stop at 49 days, so write at most {Format(_longest)}");
        }
        if (count == 0 && zero is null)
        {
            throw new FormatException($"'{text}' is zero, which is not a way to switch it off; write at least 1ms");
        }
        return count * unit;
    }

    /// <summary>The largest unit that needs no fraction; <see cref="Duration"/> reads it back as the same value.</summary>
    public static string Format(TimeSpan duration)
    {
        var (suffix, unit) = duration == TimeSpan.Zero
            ? _units[1]
            : Array.FindLast(_units, candidate => duration.Ticks % candidate.Unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Ticks}{suffix}");
    }

    /// <summary><c>1.2.3.4:80</c> or <c>[2001:db8::1]:80</c>; a mapped IPv4 address becomes a plain one.</summary>
    public static IPEndPoint EndPoint(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!bracketed && (colon < 0 || IPAddress.TryParse(text, out var bare) && bare.AddressFamily == AddressFamily.InterNetworkV6))
        {
            throw new FormatException($"'{text}' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000");
        }
        // The BCL reads "127.1" and "010.0.0.1" as C did in 1983; only the usual form is accepted, so that nobody is surprised.
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address)
            || bracketed != (address.AddressFamily == AddressFamily.InterNetworkV6)
            || (!bracketed && address.ToString() != host))
        {
            throw new FormatException(
                $"'{host}' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000");
        }
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port(text[(colon + 1)..]));
    }

    /// <summary><c>10.0.0.0/8</c> or <c>2001:db8::/32</c>, with nothing set behind the prefix.</summary>
    public static IPNetwork Network(string text)
    {
        var network = NetworkOf(text, out var address);
        return network.BaseAddress.Equals(address) ? network : throw new FormatException(
            $"'{text}' has bits set behind its prefix; write {network}, or {address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)} for this address alone");
    }

    /// <summary>The network an address and prefix length lie in.</summary>
    /// <param name="address">As written: its bits behind the prefix may be set.</param>
    public static IPNetwork NetworkOf(string text, out IPAddress address)
    {
        var slash = text.LastIndexOf('/');
        // As with endpoints only the usual form of an address is accepted.
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out address!)
            || (address.AddressFamily == AddressFamily.InterNetwork && !text.StartsWith(address.ToString(), StringComparison.Ordinal))
            || address.IsIPv4MappedToIPv6)
        {
            throw new FormatException($"'{text}' is not a network; write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32");
        }
        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash < 0)
        {
            throw new FormatException($"'{text}' has no prefix length; write {text}/{longest} for this address alone");
        }
        if (WholeNumber(text[(slash + 1)..]) is not { } length || length > longest)
        {
            throw new FormatException($"'{text}' has no valid prefix length; write a number from 0 to {longest} behind the slash");
        }
        var bytes = address.GetAddressBytes();
        for (var bit = (int)length; bit < longest; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
        return new IPNetwork(new IPAddress(bytes), (int)length);
    }

    public static string AbsolutePath(string text) =>
        text.StartsWith('/') ? text : throw new FormatException($"'{text}' is not an absolute path; write one that begins with /");

    private static long? WholeNumber(string text) =>
        (text.Length == 1 || !text.StartsWith('0'))
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
