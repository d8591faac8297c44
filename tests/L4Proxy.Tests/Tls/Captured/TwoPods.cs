using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Pki;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>
/// Two captured pods of one mesh. In one is <c>demo/web</c>, whose proxy takes nothing but mesh TLS; in the other <c>demo/shop</c>, whose
/// applications know nothing of it.
/// </summary>
public sealed class TwoPods : IAsyncLifetime
{
    /// <summary>Expected of whoever answers here: web.</summary>
    public const int ClientFirst = 8300, ServerFirst = 8301;

    /// <summary>Expected of whoever answers here: somebody else than web.</summary>
    public const int Misnamed = 8302;

    /// <summary>Past web's proxy; expected of whoever answers here: web.</summary>
    public const int PastTheProxy = 9443;

    private readonly List<Application> _applications = [];

    private PodTopology Topology { get; } = new();
    internal DevelopmentAuthority Authority { get; } = MeshPod.MakeAuthority();
    internal RunningProxy WebProxy { get; private set; } = null!;
    internal RunningProxy ShopProxy { get; private set; } = null!;
    internal Caller Shop => new(Topology.Client, 1000, 1000);
    internal NetworkNamespace WebPod => Topology.Pod;

    public async Task InitializeAsync()
    {
        Topology.Pod.MustRedirect("apply", "--backend", "nft", "--exclude-inbound-ports", $"{PastTheProxy}");
        Topology.Client.MustRedirect("apply", "--backend", "nft");
        WebProxy = new RunningProxy(Topology.Pod, $$"""
            {{RunningProxy.Configuration}}
            {{MeshPod.IdentityOf(Authority, "web")}}
            mesh: {mtls: STRICT}
            """);
        ShopProxy = new RunningProxy(Topology.Client, $$"""
            {{RunningProxy.Configuration}}
            {{MeshPod.IdentityOf(Authority, "shop")}}
            mesh:
              peers:
                - {destination: {{PodTopology.PodV4}}/32, port: {{Misnamed}}, host: web.demo.svc.cluster.local, identities: ["{{MeshPod.Other}}"]}
                - {destination: {{PodTopology.PodV4}}/32, host: web.demo.svc.cluster.local, identities: ["{{MeshPod.Web}}"]}
                - {destination: {{PodTopology.PodV6}}/128, host: web.demo.svc.cluster.local, subset: v6, identities: ["{{MeshPod.Web}}"]}
            """);
        foreach (var (port, first) in new[] { (ClientFirst, First.Client), (ServerFirst, First.Server), (Misnamed, First.Client) })
        {
            _applications.Add(new Application(Topology.Pod, port, first));
        }
        await WebProxy.WaitUntilReadyAsync();
        await ShopProxy.WaitUntilReadyAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var proxy in new[] { ShopProxy, WebProxy }.OfType<RunningProxy>())
        {
            await proxy.DisposeAsync();
        }
        foreach (var application in _applications)
        {
            await application.DisposeAsync();
        }
        Topology.Dispose();
        Authority.Dispose();
    }

    internal Application Application(int port) => _applications.Single(one => one.Port == port);
}
