using L4Proxy.Tests.Pki;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>
/// Two proxies, one that terminates (<c>demo/web</c>) and one that originates (<c>demo/shop</c>), and a foreign client and a foreign server
/// beside them. All four live from files that <c>pki dev</c> renews.
/// </summary>
internal sealed class RotatingMesh : IAsyncDisposable
{
    private const string Web = "spiffe://cluster.local/ns/demo/sa/web";

    private readonly Backend _backend = Backend.Echo();
    private readonly MeshEcho _server;
    private readonly FollowedCertificate _shop;
    private readonly FollowedCertificate _web;
    private readonly string _lifetime;

    private RotatingMesh(string lifetime)
    {
        _lifetime = lifetime;
        Authority.MustRun($"--workload demo/shop --workload demo/web --ttl {lifetime}");
        _shop = new FollowedCertificate(Authority.File("demo/shop"));
        _web = new FollowedCertificate(Authority.File("demo/web"));
        _server = new MeshEcho(() => _web.Current.Server());
    }

    public DevelopmentAuthority Authority { get; } = new();
    public RunningProxy Terminating { get; private set; } = null!;
    public RunningProxy Originating { get; private set; } = null!;

    /// <summary>Foreign client to our proxy; our proxy to a foreign server; our proxy to our proxy.</summary>
    public IReadOnlyList<Func<Task>> Calls =>
    [
        () => MeshCall.OnceAsync(Terminating.File.Listen, _shop.Current.Client()),
        () => MeshCall.OnceAsync(Originating.File.Listen, null),
        () => MeshCall.OnceAsync(ThroughBoth, null),
    ];

    private int ThroughBoth { get; } = FreePorts.Take();

    public static async Task<RotatingMesh> StartAsync(string lifetime)
    {
        var mesh = new RotatingMesh(lifetime);
        mesh.Terminating = await RunningProxy.StartAsync(new(mesh._backend.Address) { Forward = "tls: terminate", More = mesh.Identity("web") });
        var originate = $"""tls: originate, peer: "{Web}", sni: "outbound_.80_._.web.demo.svc.cluster.local" """;
        mesh.Originating = await RunningProxy.StartAsync(new(mesh._server.Address)
        {
            Forward = originate,
            MoreForwards = $$""", {listen: "127.0.0.1:{{mesh.ThroughBoth}}", upstream: "{{mesh.Terminating.Address}}", {{originate}} }""",
            More = mesh.Identity("shop"),
        });
        return mesh;
    }

    /// <summary>A connection of the foreign client that stays.</summary>
    public Task<MeshCall> DialAsync() => MeshCall.DialAsync(Terminating.File.Listen, _shop.Current.Client());

    /// <summary>Renews everything, and returns when both proxies live from it.</summary>
    public async Task RotateAsync(string options = "")
    {
        var before = (await GenerationAsync(Terminating), await GenerationAsync(Originating));
        Authority.MustRun($"{options} --ttl {_lifetime}");
        await Patience.UntilAsync("both have the new files",
            async () => await GenerationAsync(Terminating) > before.Item1 && await GenerationAsync(Originating) > before.Item2);
    }

    public static Task<double> GenerationAsync(RunningProxy proxy) => proxy.MetricAsync("l4proxy_identity_generation");

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in new[] { Originating, Terminating }.OfType<RunningProxy>())
        {
            await proxy.DisposeAsync();
        }
        await _server.DisposeAsync();
        await _backend.DisposeAsync();
        Authority.Dispose();
    }

    private string Identity(string account)
    {
        var directory = Authority.File($"demo/{account}");
        return $$"""identity: {source: files, certificate: {{directory}}/cert-chain.pem, privateKey: {{directory}}/key.pem, trustBundle: {{directory}}/root-cert.pem}""";
    }
}
