using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>DestinationRule: how connections to a service are balanced, bounded and secured.</summary>
internal static class DestinationRuleReader
{
    public static DestinationRule Read(ResourceDocument document)
    {
        var spec = document.Spec;
        return new DestinationRule(document.Origin, ServiceName.Read(spec, "host", document.Origin.Namespace), TrafficPolicyReader.Read(spec) ?? TrafficPolicy.None)
        {
            Subsets = Subsets(spec),
            Selector = ResourceText.Selector(spec, "workloadSelector", "matchLabels"),
            ExportTo = ExportReader.Read(document),
        };
    }

    public static DestinationRule Move(DestinationRule rule, Origin origin, int lines) => rule with
    {
        Origin = origin,
        Policy = TrafficPolicyReader.Move(rule.Policy, lines),
        Subsets = ImmutableArray.CreateRange(rule.Subsets, subset => subset with
        {
            Line = subset.Line + lines,
            Policy = subset.Policy is { } policy ? TrafficPolicyReader.Move(policy, lines) : null,
        }),
    };

    private static ImmutableArray<Subset> Subsets(Section spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. spec.InnerList("subsets", new Subset("", 0, ResourceText.NoLabels, null), section =>
        {
            var name = section.Required("name", "", "v1", PeerText.Subset);
            if (name.Length > 0 && !names.Add(name))
            {
                section.Fail("name", $"'{name}' is the name of another subset too; give each its own");
            }
            return new Subset(
                name, section.Position.Line, section.Inner("labels", ResourceText.NoLabels, ResourceText.Labels), TrafficPolicyReader.Read(section));
        })];
    }
}
