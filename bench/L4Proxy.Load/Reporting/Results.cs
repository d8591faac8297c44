using System.Globalization;
using System.Text.Json.Serialization;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Workloads;
using static L4Proxy.Load.Contenders.ContenderCatalog;

namespace L4Proxy.Load.Reporting;

/// <summary>Everything a report says; written to JSON as it is.</summary>
internal sealed record Results(
    DateTimeOffset Started,
    Surroundings Surroundings,
    string Topology,
    int Blocks,
    double Scale,
    IReadOnlyList<ContenderResult> Contenders,
    IReadOnlyList<WorkloadResult> Workloads)
{
    // Above this, neighbours on the core evict its caches often enough to move single blocks by more than the goals differ.
    private const double Tolerable = 0.05;

    /// <summary>Share of the contender's core that others used while contenders were measured, 0 to 1: the first thing to look at when ratios jump.</summary>
    public double ForeignShare
    {
        get
        {
            var samples = Workloads.SelectMany(workload => workload.Measured).Where(measured => measured.Contender != Direct)
                .SelectMany(measured => measured.Samples).ToArray();
            return Math.Max(0, samples.Sum(sample => sample.CoreBusySeconds - sample.CpuSeconds)) / Math.Max(1e-9, samples.Sum(sample => sample.Seconds));
        }
    }

    /// <summary>The same as a sentence, with advice when it is too much.</summary>
    internal string Quietness
    {
        get
        {
            var share = string.Create(CultureInfo.InvariantCulture, $"Others used {ForeignShare * 100:0} % of the contender's core during the runs");
            return ForeignShare > Tolerable ? $"{share}: too much to trust differences below 10 %; stop what else is running and measure again." : $"{share}.";
        }
    }
}

/// <summary>A contender, its version and what it was told.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Version">As it says itself; empty for the direct way.</param>
/// <param name="Settings">Which settings matter.</param>
/// <param name="Negotiated">What was seen between the halves of a pair; empty elsewhere.</param>
/// <param name="Configuration">Its configuration files.</param>
internal sealed record ContenderResult(string Name, string Version, string Settings, string Negotiated, string Configuration);

/// <summary>One workload: all runs of all contenders, and the subject against each peer.</summary>
internal sealed record WorkloadResult(
    string Name,
    string Title,
    string Unit,
    string RateUnit,
    Goal? Goal,
    IReadOnlyList<Measured> Measured,
    IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>
    /// The peer against which the subject looks worst: ratios are told against the best peer that the goals name, or against the best
    /// of all where none of those took part. Null without peers.
    /// </summary>
    [JsonIgnore]
    internal Comparison? AgainstBest =>
        Comparisons.Where(comparison => CountsForGoals(comparison.Peer) && Goal?.IsSetAgainst(comparison.Peer) != false).MaxBy(comparison => comparison.Ratio)
        ?? Comparisons.MaxBy(comparison => comparison.Ratio);

    /// <summary>Whether the goal is reached; null without a goal, or when none of the peers it is set against took part.</summary>
    [JsonIgnore]
    internal bool? Reached => Goal is not null && AgainstBest is { } best && Goal.IsSetAgainst(best.Peer) ? best.Ratio <= Goal.Ratio : null;
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
