using System.Collections.Immutable;

namespace L4Proxy.Core.Resources;

/// <summary>The workload this proxy stands beside, as resources select it.</summary>
/// <param name="Namespace">Its Kubernetes namespace.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="RootNamespace">Resources of this namespace are for the whole mesh.</param>
/// <param name="TrustDomains">Its own trust domain first, then its aliases.</param>
public sealed record LocalWorkload(
    string Namespace, ImmutableSortedDictionary<string, string> Labels, string RootNamespace, ImmutableArray<string> TrustDomains);

/// <summary>For whom a resource is. The order is that of precedence: what is narrower wins.</summary>
public enum ResourceScope : byte
{
    /// <summary>It stands in the root namespace and selects nothing.</summary>
    Mesh,

    /// <summary>It selects nothing: every workload of its namespace.</summary>
    Namespace,

    /// <summary>It selects workloads by labels.</summary>
    Workload,
}

/// <summary>Labels a workload must have, all of them. Without any it selects every workload in reach.</summary>
public sealed record WorkloadSelector(ImmutableSortedDictionary<string, string> Labels)
{
    public static WorkloadSelector Everything { get; } = new(ImmutableSortedDictionary<string, string>.Empty);

    public bool Selects(ImmutableSortedDictionary<string, string> labels)
    {
        foreach (var (key, value) in Labels)
        {
            if (!labels.TryGetValue(key, out var found) || found != value)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The scope in which a resource with this selector reaches a workload; null when it does not.</summary>
    /// <param name="resourceNamespace">Where the resource stands.</param>
    /// <param name="workload">Whom it may reach.</param>
    /// <remarks>A selector in the root namespace selects in every namespace, as Istio's does.</remarks>
    public ResourceScope? ScopeFor(string resourceNamespace, LocalWorkload workload)
    {
        var isRoot = resourceNamespace == workload.RootNamespace;
        if (!isRoot && resourceNamespace != workload.Namespace)
        {
            return null;
        }
        return !Labels.IsEmpty ? (Selects(workload.Labels) ? ResourceScope.Workload : null)
            : isRoot ? ResourceScope.Mesh
            : ResourceScope.Namespace;
    }
}
