using L4Proxy.Load.Certificates;

namespace L4Proxy.Load.Contenders;

/// <summary>The subject, in its shipping configuration: metrics and access log on.</summary>
/// <param name="name">For messages.</param>
/// <param name="path">The binary.</param>
/// <param name="tls">Keys of the listener.</param>
/// <param name="identity">Who it is, for a listener that needs to be someone.</param>
internal sealed class L4ProxyContender(string name, string path, string tls = "tls: none", Credentials? identity = null) : IContender
{
    public string Name => name;

    public string Settings => $"forward listener, {(identity is null ? "tls: none" : "tls: originate with an exact peer, tls: terminate with an exact peer")}; access log to a file, metrics and health on";

    public Launch VersionCommand => new(path, ["--version"]);

    /// <summary>Two of them with mutual TLS between, each accepting the other's SPIFFE ID and no other.</summary>
    internal static Chain Pair(string name, string path, MeshCredentials mesh) => new(name,
    [
        new L4ProxyContender($"{name} (originating)", path, $"tls: originate, peer: \"{mesh.Terminating.SpiffeId}\", sni: \"{MeshCredentials.ServerName}\"", mesh.Originating),
        new L4ProxyContender($"{name} (terminating)", path, $"tls: terminate, peers: [\"{mesh.Originating.SpiffeId}\"]", mesh.Terminating),
    ]);

    public Launch Prepare(Site site)
    {
        var config = site.Write("l4proxy.yaml", $$"""
            {{Identity()}}
            forward:
              - {listen: "{{site.Listen}}", upstream: "{{site.Upstream}}", {{tls}}}
            telemetry: {accessLog: {path: "{{site.Directory}}/access.log", format: json}, metrics: [{{site.SparePorts[0]}}]}
            health: {{site.SparePorts[1]}}
            admin: {{site.SparePorts[2]}}

            """);
        return new Launch(path, ["run", "--config", config]);
    }

    private string Identity() => identity is null
        ? ""
        : $$"""identity: {source: files, certificate: "{{identity.Chain}}", privateKey: "{{identity.Key}}", trustBundle: "{{identity.Root}}"}""";
}
