using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>Destination rules against the services they are for, and against each other.</summary>
internal sealed class DestinationRules
{
    private readonly ILookup<string, DestinationRule> _byHost;
    private readonly IReadOnlyList<DestinationRule> _wild;

    public DestinationRules(RegistrySource source, ServiceIndex services, WorkloadRules workloads, ResourceFindings findings)
    {
        _byHost = source.DestinationRules.ToLookup(rule => rule.Host, StringComparer.Ordinal);
        _wild = [.. source.DestinationRules.Where(rule => rule.Host[0] == '*')];
        var seen = new Dictionary<(string, string, string), DestinationRule>();
        foreach (var rule in source.DestinationRules)
        {
            var selector = string.Join(',', rule.Selector.Labels.Select(label => $"{label.Key}={label.Value}"));
            if (!seen.TryAdd((rule.Origin.Namespace, rule.Host, selector), rule))
            {
                findings.ErrorBoth(seen[(rule.Origin.Namespace, rule.Host, selector)].Origin, rule.Origin, "spec.host",
                    first => $"'{rule.Host}' has rules in {first} as well, for the same workloads; write them as one");
            }
            var named = services.Named(rule.Host).ToList();
            if (named.Count == 0)
            {
                findings.Warn(rule.Origin, "spec.host", $"no service is called '{rule.Host}', so the rule has no effect; correct the name, or add a ServiceEntry");
                continue;
            }
            Subsets(rule, named, workloads, findings);
        }
    }

    /// <summary>Whether a rule for the host defines the subset.</summary>
    public bool Define(string host, string subset) =>
        _byHost[host].Concat(_wild.Where(rule => host.EndsWith(rule.Host[1..], StringComparison.Ordinal)))
            .Any(rule => rule.Subsets.Any(candidate => candidate.Name == subset));

    private static void Subsets(DestinationRule rule, List<Service> services, WorkloadRules workloads, ResourceFindings findings)
    {
        // What has no endpoints of its own has no labels to compare.
        if (services.Any(service => service.Resolution == Resolution.None))
        {
            return;
        }
        foreach (var subset in rule.Subsets)
        {
            if (!services.Any(service => workloads.EndpointLabels(service).Any(labels => Has(labels, subset))))
            {
                findings.Warn(rule.Origin.At(subset.Line), "spec.subsets",
                    $"no endpoint of '{rule.Host}' has the labels of subset '{subset.Name}', so connections to it find nobody; "
                    + "correct the labels, or add endpoints that have them");
            }
        }
    }

    private static bool Has(System.Collections.Immutable.ImmutableSortedDictionary<string, string> labels, Subset subset) =>
        subset.Labels.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
