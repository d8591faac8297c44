using L4Proxy.Configuration;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Resources;

/// <summary>The source that configuration asks for.</summary>
internal static class MeshSources
{
    /// <summary>Not started yet. Files have a condition in readiness and numbers among the metrics; having none is no failure.</summary>
    public static IMeshSource Of(ProxyOptions options, Readiness readiness, Instruments instruments, ILogger logger)
    {
        if (options.Mesh.Resources.Length == 0)
        {
            return new NoMeshSource();
        }
        var files = new FileMeshSource(options, readiness, TimeProvider.System, logger);
        ResourceMetrics.AddTo(instruments, files);
        return files;
    }
}
