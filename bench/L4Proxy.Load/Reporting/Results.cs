using System.Text.Json.Serialization;
using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Reporting;

/// <summary>Everything a report says; written to JSON as it is.</summary>
internal sealed record Results(
    DateTimeOffset Started,
    Surroundings Surroundings,
    string Topology,
    int Blocks,
    double Scale,
    IReadOnlyList<ContenderResult> Contenders,
    IReadOnlyList<WorkloadResult> Workloads);

/// <summary>A contender, its version and what it was told.</summary>
internal sealed record ContenderResult(string Name, string Version, string Settings, string Configuration);

/// <summary>One workload: all runs of all contenders, and the subject against each peer.</summary>
internal sealed record WorkloadResult(
    string Name,
    string Title,
    string Unit,
    string RateUnit,
    double? Goal,
    IReadOnlyList<Measured> Measured,
    IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>The peer against which the subject looks worst: ratios are told against the best peer. Null without peers.</summary>
    [JsonIgnore]
    internal Comparison? AgainstBest => Comparisons.MaxBy(comparison => comparison.Ratio);
}

/// <summary>All runs of one contender on one workload, with their medians.</summary>
internal sealed record Measured(string Contender, IReadOnlyList<Sample> Samples)
{
    public double Cost => Statistics.Median(Samples.Select(sample => sample.Cost));

    public double Rate => Statistics.Median(Samples.Select(sample => sample.Rate));

    /// <summary>Medians of the runs' percentiles; null where the workload has no round trips.</summary>
    public LatencySummary? Latency => Samples.Any(sample => sample.Latency is null)
        ? null
        : new LatencySummary(
            Statistics.Median(Samples.Select(sample => sample.Latency!.P50)),
            Statistics.Median(Samples.Select(sample => sample.Latency!.P99)),
            Statistics.Median(Samples.Select(sample => sample.Latency!.P999)));
}
