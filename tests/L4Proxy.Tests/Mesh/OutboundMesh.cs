using System.Globalization;

namespace L4Proxy.Tests.Mesh;

/// <summary>
/// A pod <c>demo/shop</c> whose calls are routed, a pod <c>demo/web</c> at five addresses that takes nothing but mesh TLS, and services
/// outside: in clear on <see cref="Plaintext"/>, and one that proves to be <c>demo/other</c> on <see cref="Impostor"/>.
/// </summary>
public sealed class OutboundMesh : IAsyncLifetime
{
    /// <summary>Outside, on every address.</summary>
    internal const int Plaintext = 7000, Impostor = 8443, TlsOfItsOwn = 9443;

    /// <summary>Outside, on no address.</summary>
    internal const int Closed = 9999;

    /// <summary>An address outside at which what is sent gets lost.</summary>
    internal const int BlackHole = 9;

    private readonly List<EchoService> _services = [];

    internal MeshTopology Topology { get; } = new();
    internal MeshAuthority Authority { get; } = new();
    internal MeshedPod Shop { get; private set; } = null!;
    internal MeshedPod Web { get; private set; } = null!;

    /// <summary>Of web; 0 is the first.</summary>
    internal static string WebAddress(int index) => MeshTopology.V4(index == 0 ? 3 : 20 + index);

    public async Task InitializeAsync()
    {
        Topology.Outside.Drop(MeshTopology.External(BlackHole));
        Web = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/web", 3) { MoreHosts = [21, 22, 23, 24], Mesh = "mtls: STRICT" });
        Shop = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/shop", 2) { Locality = "eu/a" });
        _services.Add(new EchoService(Web.Where, 8080));
        _services.Add(new EchoService(Web.Where, 8081));
        _services.Add(new EchoService(Topology.Outside, Plaintext));
        _services.Add(new EchoService(Topology.Outside, Impostor, Authority.Certificate("demo/other").Server()));
        _services.Add(new EchoService(Topology.Outside, TlsOfItsOwn, Authority.Certificate("ops/batch").ApplicationServer()));
    }

    public async Task DisposeAsync()
    {
        foreach (var pod in new[] { Shop, Web }.OfType<MeshedPod>())
        {
            await pod.DisposeAsync();
        }
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
        Topology.Dispose();
        Authority.Dispose();
    }

    /// <summary>One whole connection of shop's application, or how it failed.</summary>
    internal Task<string> CallAsync(string address, int port = 80) => Call.OnceAsync(Shop.Application, address, port);

    /// <summary>A connection of shop's application that stands.</summary>
    internal Task<Call> DialAsync(string address, int port = 80) => Call.DialAsync(Shop.Application, address, port);

    /// <summary>What web answers at one of its addresses.</summary>
    internal static string Answer(int index, int port = 8080) => string.Create(CultureInfo.InvariantCulture, $"{WebAddress(index)}:{port} hello");
}
