using L4Proxy.Configuration;

namespace L4Proxy.Resources;

/// <summary>The source that configuration asks for.</summary>
internal static class MeshSources
{
    public static IMeshSource Of(ProxyOptions options) => options.Mesh.Resources.Length == 0
        ? new NoMeshSource()
        : throw new NotSupportedException("resources are not read yet");
}
