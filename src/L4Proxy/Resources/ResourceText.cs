using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>Parts that several kinds have in common.</summary>
internal static class ResourceText
{
    /// <summary>The selector under a key whose labels stand under another: <c>selector.matchLabels</c>, <c>workloadSelector.labels</c>.</summary>
    public static WorkloadSelector Selector(Section section, string key, string labels) => section.Inner(
        key, WorkloadSelector.Everything, selector => new WorkloadSelector(selector.Inner(labels, NoLabels, Labels)));

    public static ImmutableSortedDictionary<string, string> NoLabels { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Labels of Kubernetes: keys and values as it allows them.</summary>
    public static ImmutableSortedDictionary<string, string> Labels(Section section) =>
        // Distinct: keys that were refused have all become "".
        section.Entries(WorkloadText.LabelKey, WorkloadText.LabelValue).DistinctBy(label => label.Key, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
}
