using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Identity;

/// <summary>Times and names as log lines and errors of this room say them.</summary>
internal static class Words
{
    public static string Time(DateTime utc) => utc.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Rounded to what matters: days, hours, minutes or seconds.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => $"{(int)span.TotalDays} days",
        { TotalHours: >= 2 } => $"{(int)span.TotalHours} hours",
        { TotalMinutes: >= 2 } => $"{(int)span.TotalMinutes} minutes",
        _ => $"{Math.Max(0, (int)span.TotalSeconds)} seconds",
    };

    /// <summary>An empty subject is common where the name is in the SAN; the serial number then says which.</summary>
    public static string Name(X509Certificate2 certificate) =>
        certificate.Subject.Length > 0 ? $"'{certificate.Subject}'" : $"serial {certificate.SerialNumber}";
}
