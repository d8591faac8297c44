using System.Globalization;
using System.Net;

namespace L4Proxy.Tests.Running;

/// <summary>A configuration file of one forward, on ports of its own.</summary>
internal sealed record ProxyFile(IPEndPoint Upstream)
{
    public int Listen { get; init; } = FreePorts.Take();
    public int Health { get; init; } = FreePorts.Take();
    public int Admin { get; } = FreePorts.Take();
    public IReadOnlyList<int> Metrics { get; init; } = [FreePorts.Take(), FreePorts.Take()];

    /// <summary>Further keys of the forward: <c>tls: terminate</c>.</summary>
    public string Forward { get; init; } = "";

    /// <summary>Further forwards, each as the section has them, with a comma in front.</summary>
    public string MoreForwards { get; init; } = "";

    /// <summary>What stands in the braces of each section.</summary>
    public string Timeouts { get; init; } = "";
    public string Limits { get; init; } = "";
    public string AccessLog { get; init; } = "/dev/stdout";

    /// <summary>Further lines, as they are.</summary>
    public string More { get; init; } = "";

    public string Text => string.Create(CultureInfo.InvariantCulture, $$"""
        forward: [{listen: "127.0.0.1:{{Listen}}", upstream: "{{Upstream}}"{{(Forward.Length > 0 ? ", " + Forward : "")}} }{{MoreForwards}}]
        timeouts: { {{Timeouts}} }
        limits: { {{Limits}} }
        telemetry: {accessLog: {path: {{AccessLog}}}, metrics: [{{Metrics[0]}}, {{Metrics[1]}}]}
        health: {{Health}}
        admin: {{Admin}}
        {{More}}

        """);
}
