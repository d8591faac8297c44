using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>A pod <c>demo/web</c> that takes mesh TLS and plaintext, and callers outside of it that have any identity, or none.</summary>
public sealed class InboundMesh : IAsyncLifetime
{
    internal const string Nobody = "";
    internal const int Port = 8080, OtherPort = 8081;

    private const int Host = 3;

    private MeshTopology Topology { get; } = new();
    private MeshAuthority Authority { get; } = new();
    private readonly List<EchoService> _services = [];

    internal static string Address => MeshTopology.V4(Host);

    internal MeshedPod Web { get; private set; } = null!;

    internal Caller Outside => new(Topology.Outside);

    public async Task InitializeAsync()
    {
        Web = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/web", Host));
        _services.Add(new EchoService(Web.Where, Port));
        _services.Add(new EchoService(Web.Where, OtherPort));
    }

    public async Task DisposeAsync()
    {
        if (Web is not null)
        {
            await Web.DisposeAsync();
        }
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
        Topology.Dispose();
        Authority.Dispose();
    }

    /// <summary>One whole connection, or how it failed.</summary>
    /// <param name="who">A workload, or <see cref="Nobody"/> for plaintext.</param>
    /// <param name="port">Of the pod.</param>
    /// <param name="from">The caller's address; null for its first.</param>
    /// <param name="to">The pod's address; null for its first.</param>
    internal Task<string> CallAsync(string who, int port = Port, string? from = null, string? to = null) =>
        Call.OnceAsync(Outside, to ?? Address, port, who == Nobody ? null : Authority.Certificate(who).Client(), from);

    /// <summary>A connection that stands.</summary>
    internal Task<Call> DialAsync(string who, int port = Port) =>
        Call.DialAsync(Outside, Address, port, who == Nobody ? null : Authority.Certificate(who).Client());
}
