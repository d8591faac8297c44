using System.Buffers;
using System.Globalization;

namespace L4Proxy.Resources.Traffic;

/// <summary>
/// Lengths of time as Istio's resources write them, which is Go's way: numbers with a fraction, each with its unit, one after the other
/// (<c>1.5s</c>, <c>1h30m</c>).
/// </summary>
internal static class DurationText
{
    /// <summary>The runtime's timers count milliseconds in 32 bits and stop at 49.7 days.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(49);

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789.");

    /// <summary>Istio refuses anything below a millisecond, and so do we.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);

    public static TimeSpan Parse(string text)
    {
        var rest = text.AsSpan();
        var seconds = 0m;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept(_digits);
            if (length < 0)
            {
                throw new FormatException($"'{text}' has no unit; write {text}s for seconds, or use ms, m or h");
            }
            var (unit, letters) = Unit(rest[length..]);
            // At most 18 characters: more digits than a duration needs, fewer than a decimal overflows with.
            if (unit == 0 || length is 0 or > 18
                || !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                throw new FormatException($"'{text}' is not a duration; write numbers with units, such as 250ms, 1.5s, 5m or 1h30m");
            }
            seconds = Math.Min(seconds + count * unit, (decimal)TimeSpan.MaxValue.TotalSeconds / 2);
            rest = rest[(length + letters)..];
        }
        if (text.Length == 0)
        {
            throw new FormatException("is empty; write numbers with units, such as 250ms, 1.5s, 5m or 1h30m");
        }
        var duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return duration < _shortest ? throw new FormatException($"'{text}' is shorter than a millisecond; write at least 1ms")
            : duration > _longest ? throw new FormatException($"'{text}' is too long; timers stop at 49 days, so write at most 1176h")
            : duration;
    }

    private static (decimal Seconds, int Letters) Unit(ReadOnlySpan<char> text) => text switch
    {
        ['n', 's', ..] => (0.000_000_001m, 2),
        ['u' or 'µ' or 'μ', 's', ..] => (0.000_001m, 2),
        ['m', 's', ..] => (0.001m, 2),
        ['s', ..] => (1, 1),
        ['m', ..] => (60, 1),
        ['h', ..] => (3600, 1),
        _ => (0, 0),
    };
}
