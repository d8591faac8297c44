namespace L4Proxy.Load.Contenders;

/// <summary>The subject, in its shipping configuration: metrics and access log on.</summary>
internal sealed class L4ProxyContender(string name, string path) : IContender
{
    public string Name => name;

    public string Settings => "forward listener, tls: none; access log to a file, metrics and health on";

    public Launch VersionCommand => new(path, ["--version"]);

    public Launch Prepare(Site site)
    {
        var config = site.Write("l4proxy.yaml", $$"""
            forward:
              - {listen: "{{site.Listen}}", upstream: "{{site.Upstream}}", tls: none}
            telemetry: {accessLog: {path: "{{site.Directory}}/access.log", format: json}, metrics: [{{site.SparePorts[0]}}]}
            health: {{site.SparePorts[1]}}

            """);
        return new Launch(path, ["run", "--config", config]);
    }
}
