using System.Globalization;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Reporting;

/// <summary>Numbers as every report shows them: three significant digits, no culture.</summary>
internal static class Format
{
    internal static string Cost(double value) => double.IsNaN(value) ? "-" : value switch
    {
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        < 10_000 => value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.ToString("# ##0", CultureInfo.InvariantCulture),
    };

    internal static string Goal(Goal goal) => Ratio(goal.Ratio) + (goal.Peers.Length > 0 ? $" of {goal.Peers}" : "");

    internal static string Ratio(double value) => double.IsNaN(value) ? "-" : value.ToString("0.00", CultureInfo.InvariantCulture);
}
