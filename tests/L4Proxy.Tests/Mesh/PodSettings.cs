namespace L4Proxy.Tests.Mesh;

/// <summary>What the proxy of a pod is configured with beside its identity and its resources.</summary>
/// <param name="Workload">Who it is: <c>demo/web</c>. Its label <c>app</c> is the second half.</param>
/// <param name="Host">Last part of its addresses.</param>
internal sealed record PodSettings(string Workload, int Host)
{
    /// <summary>Last parts of further addresses.</summary>
    public IReadOnlyList<int> MoreHosts { get; init; } = [];

    /// <summary>Keys of <c>mesh</c>, as YAML in one line.</summary>
    public string Mesh { get; init; } = "mtls: PERMISSIVE";

    /// <summary>Keys of <c>limits</c>.</summary>
    public string Limits { get; init; } = "";

    /// <summary><c>timeouts.connect</c>.</summary>
    public string Connect { get; init; } = "10s";

    /// <summary><c>workload.locality</c>.</summary>
    public string Locality { get; init; } = "";

    /// <summary>Address of a server of names for this pod alone; null leaves those of the machine.</summary>
    public string? NameServer { get; init; }

    public string Namespace => Workload[..Workload.IndexOf('/', StringComparison.Ordinal)];

    public string Account => Workload[(Namespace.Length + 1)..];

    public string Configuration(string identity, string resources) => $$"""
        capture: {outbound: 15001, inbound: 15006}
        timeouts: {connect: {{Connect}}, drain: 2s, handshake: 20s}
        {{identity}}
        workload: {name: {{Account}}-0, namespace: {{Namespace}}, serviceAccount: {{Account}}, labels: {app: {{Account}}}, locality: "{{Locality}}"}
        mesh: {resources: {{resources}}, {{Mesh}}}
        limits: {{{Limits}}}

        """;
}
