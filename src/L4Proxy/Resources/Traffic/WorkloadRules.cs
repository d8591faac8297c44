using System.Collections.Immutable;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>
/// Which workload entries are endpoints of which services. Selectors are found by one of their labels, so that this costs what there
/// are labels and not every service times every workload.
/// </summary>
internal sealed class WorkloadRules
{
    private readonly Dictionary<(string Namespace, string Key, string Value), List<Service>> _selectors = [];
    private readonly Dictionary<Service, List<WorkloadEntry>> _selected = new(ReferenceEqualityComparer.Instance);

    public WorkloadRules(RegistrySource source, ResourceFindings findings)
    {
        foreach (var service in source.Services)
        {
            if (service.Selector is { } selector)
            {
                var (key, value) = selector.Labels.IsEmpty ? new("", "") : selector.Labels.First();
                Add(_selectors, (service.Origin.Namespace, key, value), service);
            }
        }
        foreach (var workload in source.Workloads)
        {
            Place(workload, findings);
        }
    }

    /// <summary>Labels of every endpoint of a service, those of workload entries included.</summary>
    public IEnumerable<ImmutableSortedDictionary<string, string>> EndpointLabels(Service service) =>
        service.Endpoints.Select(endpoint => endpoint.Labels).Concat(
            _selected.TryGetValue(service, out var workloads) ? workloads.Select(workload => workload.Endpoint.Labels) : []);

    private void Place(WorkloadEntry workload, ResourceFindings findings)
    {
        var isSelected = false;
        var labels = workload.Endpoint.Labels;
        foreach (var (key, value) in labels.Append(new("", "")))
        {
            foreach (var service in _selectors.GetValueOrDefault((workload.Origin.Namespace, key, value)) ?? [])
            {
                if (!service.Selector!.Selects(labels))
                {
                    continue;
                }
                isSelected = true;
                Add(_selected, service, workload);
                if (workload.Endpoint.Ip is null && service.Resolution == Resolution.Static)
                {
                    findings.Error(workload.Origin.At(workload.Endpoint.Line), "spec.address",
                        $"'{workload.Endpoint.Address}' is a name, and {service.Origin}, which selects it, has resolution STATIC; "
                        + "write an IP address, or resolution: DNS there");
                }
            }
        }
        if (!isSelected)
        {
            findings.Warn(workload.Origin, "", "no ServiceEntry of its namespace selects it, so nothing is sent to it; "
                + "add a workloadSelector with labels it has, or remove it");
        }
    }

    private static void Add<TKey, TItem>(Dictionary<TKey, List<TItem>> index, TKey key, TItem item) where TKey : notnull
    {
        if (!index.TryGetValue(key, out var items))
        {
            index.Add(key, items = new List<TItem>(1));
        }
        items.Add(item);
    }
}
