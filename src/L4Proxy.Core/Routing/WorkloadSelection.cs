using System.Collections.Immutable;

namespace L4Proxy.Core.Routing;

/// <summary>Which workload entries are endpoints of which services.</summary>
/// <param name="entries">All there are now.</param>
/// <param name="change">What is new among them, and what was.</param>
/// <param name="wanted">Services that may have to be looked for: for all of them together the entries are walked once.</param>
internal sealed class WorkloadSelection(
    ImmutableArray<WorkloadEntry> entries, SourceDifference<WorkloadEntry> change, IReadOnlyCollection<Service> wanted)
{
    private Dictionary<LabelKey, List<WorkloadEntry>>? _byLabel;

    /// <summary>Those whose endpoints come or go.</summary>
    public static IEnumerable<ServiceNode> Affected(RegistryIndexes before, SourceDifference<WorkloadEntry> change)
    {
        foreach (var entry in change.Removed.Concat(change.Added))
        {
            foreach (var key in LabelKey.Of(entry))
            {
                foreach (var candidate in before.Selectors.Near(key.GetHashCode()).ToArray())
                {
                    if (candidate.Key == key && Selects(candidate.Value.Service, entry))
                    {
                        yield return candidate.Value;
                    }
                }
            }
        }
    }

    /// <param name="service">As it is now.</param>
    /// <param name="before">As it was; null: it is new.</param>
    public Endpoint[] Of(Service service, ServiceNode? before)
    {
        if (service.Selector is null)
        {
            return [];
        }
        if (before?.Service.Selector is { } selector && before.Service.Origin.Namespace == service.Origin.Namespace
            && (selector == service.Selector || selector.Labels.SequenceEqual(service.Selector.Labels)))
        {
            return change.IsEmpty ? before.Selected : Changed(service, before.Selected);
        }
        _byLabel ??= ByLabel();
        return [.. _byLabel[LabelKey.Of(service)].Where(entry => service.Selector.Selects(entry.Endpoint.Labels)).Select(entry => entry.Endpoint)];
    }

    private static bool Selects(Service service, WorkloadEntry entry) =>
        service.Origin.Namespace == entry.Origin.Namespace && service.Selector!.Selects(entry.Endpoint.Labels);

    private Endpoint[] Changed(Service service, Endpoint[] before)
    {
        var gone = change.Removed.Select(entry => entry.Endpoint).ToHashSet<Endpoint>(ReferenceEqualityComparer.Instance);
        return
        [
            .. before.Where(endpoint => !gone.Contains(endpoint)),
            .. change.Added.Where(entry => Selects(service, entry)).Select(entry => entry.Endpoint),
        ];
    }

    private Dictionary<LabelKey, List<WorkloadEntry>> ByLabel()
    {
        var byLabel = new Dictionary<LabelKey, List<WorkloadEntry>>();
        foreach (var service in wanted.Where(service => service.Selector is not null))
        {
            byLabel.TryAdd(LabelKey.Of(service), []);
        }
        foreach (var entry in entries)
        {
            foreach (var key in LabelKey.Of(entry))
            {
                byLabel.GetValueOrDefault(key)?.Add(entry);
            }
        }
        return byLabel;
    }
}
