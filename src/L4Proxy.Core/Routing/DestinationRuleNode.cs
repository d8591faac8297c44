namespace L4Proxy.Core.Routing;

/// <summary>A destination rule that may speak for calls of this workload.</summary>
internal sealed class DestinationRuleNode(RoutingContext context, DestinationRule rule) : IPreceding<DestinationRuleNode>
{
    public DestinationRule Rule { get; } = rule;

    /// <summary>Whether it is exported to this workload and selects it. A selector reaches no further than its namespace, save from the root.</summary>
    public static bool Reaches(DestinationRule rule, RoutingContext context) =>
        context.Sees(rule.ExportTo)
        && (rule.Selector.Labels.IsEmpty || rule.Selector.ScopeFor(rule.Origin.Namespace, context.Workload) is not null);

    /// <summary>The one that counts for a service: of the most specific host; with a selector before without; then by whose it is.</summary>
    public static DestinationRule? Of(Service service, string host, HostIndex<DestinationRuleNode> rules, RoutingContext context)
    {
        if (rules.Count == 0)
        {
            return null;
        }
        for (var text = HostKey.TextOf(host).AsSpan(); ; text = HostKey.Wider(text))
        {
            if (rules.First(text, 0) is not null && Best(rules.Of(text, 0), service, context) is { } best)
            {
                return best;
            }
            if (text.IsEmpty || !rules.HasWildcards)
            {
                return null;
            }
        }
    }

    public bool Precedes(DestinationRuleNode other) => context.Compare(Rule.Origin, other.Rule.Origin) < 0;

    private static DestinationRule? Best(IEnumerable<DestinationRuleNode> nodes, Service service, RoutingContext context) => nodes
        .Select(node => node.Rule)
        .Where(rule => Nearness(rule, service, context) is not null)
        .OrderBy(rule => rule.Selector.Labels.IsEmpty)
        .ThenBy(rule => Nearness(rule, service, context))
        .ThenBy(rule => rule.Origin.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <returns>Null: nobody asked that namespace.</returns>
    private static int? Nearness(DestinationRule rule, Service service, RoutingContext context) =>
        rule.Origin.Namespace == context.Workload.Namespace ? 0
        : rule.Origin.Namespace == service.Origin.Namespace ? 1
        : rule.Origin.Namespace == context.Workload.RootNamespace ? 2
        : null;
}
