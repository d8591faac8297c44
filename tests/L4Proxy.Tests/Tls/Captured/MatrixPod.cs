using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>A pod in one mode, and behind its proxy an application for every conversation, in clear and with TLS.</summary>
internal sealed class MatrixPod : IAsyncDisposable
{
    private readonly Dictionary<(First First, bool Tls), Application> _applications = [];

    private MatrixPod(MeshPod mesh)
    {
        Mesh = mesh;
        var (port, server) = (8200, mesh.Certificate("other").ApplicationServer());
        foreach (var first in Enum.GetValues<First>())
        {
            _applications[(first, false)] = new(mesh.Pod.Topology.Pod, port++, first);
            _applications[(first, true)] = new(mesh.Pod.Topology.Pod, port++, first, server);
        }
    }

    public MeshPod Mesh { get; }

    public static async Task<MatrixPod> StartAsync(string mode) => new(await MeshPod.StartAsync($$"""
        {{RunningProxy.Configuration.Replace("drain: 2s", "drain: 2s, handshake: 2s", StringComparison.Ordinal)}}
        IDENTITY
        mesh: {mtls: {{mode}}}
        """));

    public Application Application(First first, bool tls) => _applications[(first, tls)];

    public async ValueTask DisposeAsync()
    {
        foreach (var application in _applications.Values)
        {
            await application.DisposeAsync();
        }
        await Mesh.DisposeAsync();
    }
}
