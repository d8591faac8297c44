using L4Proxy.Tests.Running;
using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.MeshTopology;

namespace L4Proxy.Tests.Mesh;

/// <summary>Endpoints that are names: followed as their time to live says, and kept when nobody answers.</summary>
public sealed class NamedEndpointTests : IAsyncLifetime
{
    private const string Address = "10.96.0.70";
    private const int Port = 7000;

    private static readonly string _service = Of("ServiceEntry", "demo/named",
        $"{{hosts: [named.example], addresses: [{Address}], location: MESH_EXTERNAL, resolution: DNS, "
        + $"ports: [{{number: 80, name: tcp, protocol: TCP, targetPort: {Port}}}], endpoints: [{{address: backend.named.example}}]}}");

    private MeshTopology Topology { get; } = new();
    private MeshAuthority Authority { get; } = new();
    private NameServer Names { get; set; } = null!;
    private EchoService Backends { get; set; } = null!;
    private MeshedPod _shop = null!;

    public async Task InitializeAsync()
    {
        Names = new NameServer(Topology.Outside, OutsideV4, External(1), secondsToLive: 1);
        Backends = new EchoService(Topology.Outside, Port);
        _shop = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/shop", 2) { NameServer = OutsideV4 }, _service);
    }

    public async Task DisposeAsync()
    {
        if (_shop is not null)
        {
            await _shop.DisposeAsync();
        }
        await Backends.DisposeAsync();
        await Names.DisposeAsync();
        Topology.Dispose();
        Authority.Dispose();
    }

    [Fact]
    public async Task They_move_with_the_name_and_stay_where_they_were_when_nobody_answers()
    {
        await ReachesAsync(External(1));
        await _shop.ForgetLinesAsync();
        Assert.Equal($"{External(1)}:{Port} hello", await CallAsync());
        Assert.Equal("named.example:80", EndingFacts.Text((await _shop.LineAsync()).Line, "route"));

        Names.Move(External(2));
        await ReachesAsync(External(2));

        await Names.DisposeAsync();
        // Asked in vain: what is known is kept.
        await _shop.Proxy.MetricReachesAsync("l4proxy_dns_names", 1, "state=\"stale\"");
        Assert.Equal($"{External(2)}:{Port} hello", await CallAsync());
    }

    private Task<string> CallAsync() => Call.OnceAsync(_shop.Application, Address, 80);

    private Task ReachesAsync(string host) => Patience.UntilAsync($"{host} is reached", async () => await CallAsync() == $"{host}:{Port} hello");
}
