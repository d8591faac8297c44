using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;

namespace L4Proxy.Resources.Traffic;

/// <summary><c>exportTo</c>: the namespaces that see a resource.</summary>
internal static class ExportReader
{
    /// <summary>No namespace is called like this, so nobody sees the resource: Istio's word for it.</summary>
    private const string Nobody = "~";

    public static ImmutableArray<string> Read(ResourceDocument document)
    {
        var namespaces = document.Spec.Values("exportTo", (text, _) => text switch
        {
            "*" or Nobody => text,
            "." => document.Origin.Namespace,
            _ => WorkloadText.Name(text),
        });
        if (namespaces.Length > 1 && namespaces.Any(name => name is "*" or Nobody))
        {
            document.Spec.Fail("exportTo", "'*' and '~' say all there is to say; write one of them alone, or namespaces");
        }
        return namespaces;
    }
}
