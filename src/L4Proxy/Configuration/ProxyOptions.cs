namespace L4Proxy.Configuration;

/// <summary>
/// Everything one <c>l4proxy.yaml</c> says, checked and with its defaults filled in. Immutable: a reload makes a new one.
/// </summary>
/// <remarks>Port defaults are Istio's, so that probes, scrapers and rules written for its sidecar keep working.</remarks>
internal sealed record ProxyOptions
{
    public WorkloadOptions Workload { get; init; } = new();
    public CaptureOptions Capture { get; init; } = new();
    public IdentityOptions Identity { get; init; } = new();
    public MeshOptions Mesh { get; init; } = new();

    /// <summary>Static listeners, in the order of the file. Default: none.</summary>
    public IReadOnlyList<ForwardOptions> Forward { get; init; } = [];
    public TimeoutOptions Timeouts { get; init; } = new();
    public LimitOptions Limits { get; init; } = new();
    public TelemetryOptions Telemetry { get; init; } = new();
    public TransportOptions Transport { get; init; } = new();

    /// <summary>
    /// Port of <c>/livez</c>, <c>/readyz</c> and <c>/healthz/ready</c>, on every address. Default 15021 (Istio's status port).
    /// </summary>
    public int Health { get; init; } = 15021;

    /// <summary>Port of the admin endpoint, on loopback only. Default 15000 (Istio's proxy admin port).</summary>
    public int Admin { get; init; } = 15000;
}
