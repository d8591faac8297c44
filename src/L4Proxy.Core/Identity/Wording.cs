using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Core.Identity;

/// <summary>How times and names are put in a detail: short, and without a character that a hostile certificate could use against a log.</summary>
internal static class Wording
{
    private const int LongestName = 100;
    private const int LongestEncodedName = 1024;
    private const int MostNamed = 3;

    public static string Time(DateTime utc) => utc.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Rounded up, so that a second too late is never "0 s".</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => Whole(span.TotalSeconds, "s"),
        { TotalHours: < 2 } => Whole(span.TotalMinutes, "min"),
        { TotalDays: < 2 } => Whole(span.TotalHours, "h"),
        _ => Whole(span.TotalDays, "days"),
    };

    /// <param name="name">A distinguished name, DER.</param>
    public static string Name(ReadOnlyMemory<byte> name)
    {
        if (name.Length > LongestEncodedName)
        {
            return $"(a name of {name.Length} bytes)";
        }
        try
        {
            var text = new X500DistinguishedName(name.Span).Name;
            var clean = string.Create(Math.Min(text.Length, LongestName), text, (span, whole) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = whole[i] is >= ' ' and <= '~' ? whole[i] : '?';
                }
            });
            return clean.Length == 0 ? "(no name)" : clean.Length < text.Length ? clean + "…" : clean;
        }
        catch (CryptographicException)
        {
            return "(an unreadable name)";
        }
    }

    /// <summary>The first few of them: a service may run under dozens of accounts, and a log line is read by people.</summary>
    public static string OneOf(IReadOnlyCollection<SpiffeId> ids) =>
        string.Join(" or ", ids.Take(MostNamed)) + (ids.Count > MostNamed ? $" or one of {ids.Count - MostNamed} others" : "");

    private static string Whole(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(number):0} {unit}");
}
