using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>For whom a registry is, and what it shares with those built from it.</summary>
/// <param name="Workload">Whose calls it routes.</param>
/// <param name="Locality">Where that runs.</param>
/// <param name="Names">What DNS said.</param>
/// <param name="Ejections">Who is left alone.</param>
internal sealed record RoutingContext(LocalWorkload Workload, Locality Locality, ResolvedAddresses Names, EjectionLedger Ejections)
{
    /// <summary>Whether the workload sees what is exported like this.</summary>
    public bool Sees(ImmutableArray<string> exportTo) => exportTo.IsEmpty || exportTo.AsSpan().Contains("*") || exportTo.AsSpan().Contains(Workload.Namespace);

    /// <summary>Which of two resources comes first where only one can: our own namespace's, then by name, so that all proxies agree.</summary>
    public int Compare(Origin one, Origin two)
    {
        var byOwn = (two.Namespace == Workload.Namespace).CompareTo(one.Namespace == Workload.Namespace);
        if (byOwn != 0)
        {
            return byOwn;
        }
        var byNamespace = string.CompareOrdinal(one.Namespace, two.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(one.Name, two.Name);
    }

    public bool IsFor(LocalWorkload workload, Locality locality) =>
        Locality == locality && Workload.Namespace == workload.Namespace && Workload.RootNamespace == workload.RootNamespace
        && (ReferenceEquals(Workload.Labels, workload.Labels) || Workload.Labels.SequenceEqual(workload.Labels));
}
