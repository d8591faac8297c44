using System.Collections.Immutable;

namespace L4Proxy.Configuration;

/// <summary>Who we stand beside. Labels metrics and log lines, and later names our certificate.</summary>
internal sealed record WorkloadOptions
{
    /// <summary>Name of the pod or machine; empty when unknown, which is the default.</summary>
    public string Name { get; init; } = "";

    /// <summary>Kubernetes namespace. Default <c>default</c>, as Kubernetes has it.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Kubernetes service account. Default <c>default</c>, as Kubernetes has it.</summary>
    public string ServiceAccount { get; init; } = "default";

    /// <summary>SPIFFE trust domain (SPIFFE-ID §2.1). Default <c>cluster.local</c>, as Istio has it.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Labels of the workload. Default: none.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where it runs, <c>region/zone/subzone</c>; nearer endpoints are dialled first. Empty when unknown, which is the default.</summary>
    public string Locality { get; init; } = "";
}
