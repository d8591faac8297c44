using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Telemetry;

namespace L4Proxy.Identity;

/// <summary>What is said in numbers about the certificates in force and the files they come from.</summary>
internal static class IdentityMetrics
{
    public static void AddTo(Instruments instruments, FileIdentitySource source)
    {
        instruments.AddGauge("l4proxy_certificate_not_after_timestamp_seconds", "s",
            "When the first certificate of each kind in force expires, in seconds since 1970-01-01 UTC; 0 while there is none to prove who we are.",
            () => NotAfter(source.InForce));
        instruments.AddGauge("l4proxy_certificate_loaded_timestamp_seconds", "s",
            "When the certificates in force were loaded, in seconds since 1970-01-01 UTC; 0 while there are none.",
            () => source.InForce is { } inForce ? Seconds(inForce.LoadedAt) : 0);
        instruments.AddGauge("l4proxy_identity_generation", null,
            "Which set of files is in force, counted from 1 at the start; 0 while there is none.", () => source.InForce?.Identity.Generation ?? 0);
        instruments.AddCounter("l4proxy_identity_reloads_total", null, "Sets of identity files judged, the first included.", () => Reloads(source));
        instruments.AddGauge("l4proxy_identity_last_reload_success", null,
            "1 if the identity in force is the one in the files, 0 if they were refused.", () => source.IsUpToDate ? 1 : 0);
    }

    private static IEnumerable<Measurement<long>> NotAfter(IdentityGeneration? inForce)
    {
        yield return Measure("leaf", inForce is null ? [] : [inForce.Leaf]);
        // Many a leaf has none: no series then, because 0 would look expired.
        if (inForce?.Intermediates is { Count: > 0 } intermediates)
        {
            yield return Measure("intermediate", intermediates);
        }
        yield return Measure("anchor", inForce?.Anchors ?? []);
    }

    private static Measurement<long> Measure(string kind, IReadOnlyList<X509Certificate2> certificates) => new(
        certificates.Count == 0 ? 0 : certificates.Min(certificate => Seconds(certificate.NotAfter.ToUniversalTime())),
        new KeyValuePair<string, object?>("kind", kind));

    private static IEnumerable<Measurement<long>> Reloads(FileIdentitySource source) =>
    [
        new(source.Applied, new KeyValuePair<string, object?>("result", "applied")),
        new(source.Rejected, new KeyValuePair<string, object?>("result", "rejected")),
    ];

    private static long Seconds(DateTime utc) => new DateTimeOffset(utc, TimeSpan.Zero).ToUnixTimeSeconds();
}
