namespace L4Proxy.Core.Resources;

/// <summary>Where something in force was written: what a log line, a metric and <c>explain</c> name as the cause.</summary>
/// <param name="Kind">Of the resource.</param>
/// <param name="Namespace">Of the resource.</param>
/// <param name="Name">Unique among resources of its kind and namespace.</param>
/// <param name="File">As the person who configured the directory would name it; empty when the resource came from a control plane.</param>
/// <param name="Line">From 1; 0 when there is no file.</param>
public sealed record Origin(ResourceKind Kind, string Namespace, string Name, string File, int Line)
{
    /// <summary><c>demo/deny-web</c>: short enough for every log line, and with the kind unique.</summary>
    public string Id => $"{Namespace}/{Name}";

    /// <summary>The same resource, another line of it.</summary>
    public Origin At(int line) => line == Line ? this : this with { Line = line };

    /// <summary><c>AuthorizationPolicy demo/deny-web (policies.yaml:12)</c>.</summary>
    public override string ToString() => File.Length == 0 ? $"{Kind} {Id}" : $"{Kind} {Id} ({File}:{Line})";
}
