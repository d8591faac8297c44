namespace L4Proxy.Configuration;

/// <summary>How a line of the access log is written.</summary>
internal enum AccessLogFormat
{
    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>Where the access log goes.</summary>
internal sealed record AccessLogOptions
{
    /// <summary>A file that lines are appended to. Default <c>/dev/stdout</c>: a container's log is its standard output.</summary>
    public string Path { get; init; } = "/dev/stdout";
    public AccessLogFormat Format { get; init; }
}

/// <summary>What the proxy tells about itself.</summary>
internal sealed record TelemetryOptions
{
    public AccessLogOptions AccessLog { get; init; } = new();

    /// <summary>
    /// Ports of <c>/metrics</c> and <c>/stats/prometheus</c>, on every address; empty = none. Default 15020 and 15090: Istio's
    /// merged metrics and its proxy's own.
    /// </summary>
    public IReadOnlyList<int> Metrics { get; init; } = [15020, 15090];
}
