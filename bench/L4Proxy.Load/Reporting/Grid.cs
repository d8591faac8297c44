using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Reporting;

/// <summary>The tables of a report as rows of text; terminal, Markdown and HTML only differ in how they draw them.</summary>
internal static class Grid
{
    /// <summary>Cost by contender, and the ratio that is compared with the goal.</summary>
    internal static IReadOnlyList<string[]> Costs(Results results)
    {
        var proxies = results.Contenders.Where(contender => contender.Version.Length > 0).Select(contender => contender.Name).ToArray();
        List<string[]> rows = [["workload", "unit", .. proxies, "ratio to best peer", "goal", "reached"]];
        rows.AddRange(results.Workloads.Select(workload => (string[])[
            workload.Title, workload.Unit, .. proxies.Select(name => Format.Cost(Find(workload, name)?.Cost ?? double.NaN)), .. GoalCells(workload)]));
        return rows;
    }

    /// <summary>Speed and latency by contender, the direct way included: the ceilings.</summary>
    internal static IReadOnlyList<string[]> Speeds(Results results)
    {
        string[] names = [.. results.Contenders.Select(contender => contender.Name)];
        List<string[]> rows = [["workload", "shown", .. names]];
        foreach (var workload in results.Workloads.Where(workload => workload.RateUnit.Length > 0))
        {
            rows.Add([workload.Title, workload.RateUnit, .. names.Select(name => Format.Cost(Find(workload, name)?.Rate ?? double.NaN))]);
            if (workload.Measured.Any(measured => measured.Latency is not null))
            {
                rows.Add(["", "p50 / p99 / p99.9 µs", .. names.Select(name => Percentiles(Find(workload, name)?.Latency))]);
            }
        }
        return rows;
    }

    /// <summary>The subject against each peer: median, lowest and highest block, and the CPU ratio's companion for p99 latency.</summary>
    internal static IReadOnlyList<string[]> Ratios(Results results)
    {
        var peers = results.Workloads.SelectMany(workload => workload.Comparisons).Select(comparison => comparison.Peer).Distinct(StringComparer.Ordinal).ToArray();
        List<string[]> rows = [["workload", "ratio of", .. peers]];
        foreach (var workload in results.Workloads)
        {
            rows.Add([workload.Title, "cost", .. workload.Comparisons.Select(Spread)]);
            if (workload.Comparisons.Any(comparison => !double.IsNaN(comparison.LatencyRatio)))
            {
                rows.Add(["", "p99 latency", .. workload.Comparisons.Select(comparison => Format.Ratio(comparison.LatencyRatio))]);
            }
        }
        return rows;
    }

    private static string Spread(Comparison comparison) =>
        $"{Format.Ratio(comparison.Ratio)} ({Format.Ratio(comparison.LowestRatio)}-{Format.Ratio(comparison.HighestRatio)})";

    private static string[] GoalCells(WorkloadResult workload)
    {
        if (workload.AgainstBest is not { } best)
        {
            return ["-", "-", "-"];
        }
        var reached = workload.Reached switch { true => "yes", false => "no", null => "-" };
        return [$"{Format.Ratio(best.Ratio)} ({best.Peer})", workload.Goal is null ? "-" : $"<= {Format.Goal(workload.Goal)}", reached];
    }

    private static string Percentiles(LatencySummary? latency) =>
        latency is null ? "-" : $"{Format.Cost(latency.P50)} / {Format.Cost(latency.P99)} / {Format.Cost(latency.P999)}";

    private static Measured? Find(WorkloadResult workload, string contender) =>
        workload.Measured.FirstOrDefault(measured => measured.Contender == contender);
}
