using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>
/// <c>outlierDetection</c>. At layer 4 every failure is one of connecting, which Istio counts under each of its names; so the smallest
/// number counts.
/// </summary>
internal static class OutlierDetectionReader
{
    /// <summary>What Istio's documents say of a field that is not written, so that a rule means here what it means there.</summary>
    private static readonly OutlierDetection _istio =
        new(5, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(300), 10, 0);

    private static readonly string[] _counters =
        ["consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveLocalOriginFailures", "consecutiveErrors"];

    public static OutlierDetection? Read(Section section)
    {
        section.Value("splitExternalLocalOriginErrors", fallback: false, ScalarText.Switch);
        if (section.Value("minHealthPercent", 0, Percent) > 0)
        {
            section.Warn("minHealthPercent", "has no effect: ejection never goes beyond maxEjectionPercent, and never beyond half; remove it");
        }
        if (section.Has("consecutiveErrors"))
        {
            section.Warn("consecutiveErrors", "is an old name; write consecutive5xxErrors");
        }
        var most = section.Value("maxEjectionPercent", _istio.MaxEjectionPercent, Percent);
        if (most > 50)
        {
            section.Warn("maxEjectionPercent", $"{most} counts as 50: never more than half of the endpoints are ejected; write at most 50");
        }
        var rest = section.Value("baseEjectionTime", _istio.BaseEjection, DurationText.Parse);
        return new OutlierDetection(
            Failures(section), section.Value("interval", _istio.Interval, DurationText.Parse), rest,
            rest > _istio.MaxEjection ? rest : _istio.MaxEjection, Math.Min(most, 50), section.Position.Line);
    }

    /// <summary>The smallest number that is written; zero switches its counter off, and with all of them ejection.</summary>
    private static int Failures(Section section)
    {
        int? smallest = null;
        foreach (var key in _counters)
        {
            if (section.Value<int?>(key, null, text => ScalarText.Number(text, 0, int.MaxValue)) is { } count)
            {
                smallest = smallest is null or 0 ? count : count == 0 ? smallest : Math.Min(smallest.Value, count);
            }
        }
        return smallest ?? _istio.ConsecutiveFailures;
    }

    private static int Percent(string text) => ScalarText.Number(text, 0, 100);
}
