namespace L4Proxy.Telemetry;

/// <summary>How a <see cref="LineWriter"/> trades promptness, memory and completeness.</summary>
internal sealed record LineWriterSettings
{
    public required string ThreadName { get; init; }

    /// <summary>How many bytes may wait for the sink. 4 MiB is about 10 000 connections' lines.</summary>
    public int CapacityBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a line may wait for others to be written with. 0 writes at once.</summary>
    public int FlushDelayMilliseconds { get; init; } = 100;

    /// <summary>How long the end of the process may wait for the sink.</summary>
    public int GraceMilliseconds { get; init; } = 1_000;

    /// <summary>
    /// Told path, reason and lines lost since the last call when the sink fails, at most once a minute,
    /// on the writing thread.
    /// </summary>
    public Action<string, string, long>? OnFailure { get; init; }
}
