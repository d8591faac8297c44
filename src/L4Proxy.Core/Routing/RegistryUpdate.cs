using System.Net;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>
/// From one registry to the next. Finds what differs, makes new nodes for services that do, hands them the state of those they replace, and
/// changes the indexes by that much.
/// </summary>
internal sealed class RegistryUpdate
{
    private readonly RoutingContext _context;
    private readonly HostIndex<DestinationRuleNode> _rules;
    private readonly ServiceIndexChange _change = new();
    private readonly Dictionary<(string Namespace, string Host, int Port), PortNode> _replaced = [];
    private readonly Dictionary<(string Namespace, string Name), ServiceNode> _before = [];

    private RegistryUpdate(RoutingContext context, HostIndex<DestinationRuleNode> rules) => (_context, _rules) = (context, rules);

    public static Registry Apply(RegistrySource source, LocalWorkload workload, Locality locality, Registry before)
    {
        var isFirst = ReferenceEquals(before, Registry.Empty);
        var isForSame = !isFirst && before.Context.IsFor(workload, locality);

        // For somebody else, or somewhere else, everything is made anew; only state is taken over.
        var context = isForSame ? before.Context
            : new RoutingContext(
                workload, locality, isFirst ? new() : before.Context.Names, isFirst ? new() : before.Context.Ejections);
        var known = isForSame ? before.Indexes : RegistryIndexes.Empty;
        var knownSource = isForSame ? before.Source : RegistrySource.Empty;

        var ruleChange = new SourceDifference<DestinationRule>(knownSource.DestinationRules, source.DestinationRules);
        var rules = Rules(known.Rules, ruleChange, context);
        var update = new RegistryUpdate(context, rules);
        var services = new SourceDifference<Service>(knownSource.Services, source.Services);
        var workloads = new SourceDifference<WorkloadEntry>(before.Source.Workloads, source.Workloads);

        var renewed = new HashSet<Service>(ReferenceEqualityComparer.Instance);
        if (isForSame)
        {
            renewed.UnionWith(WorkloadSelection.Affected(known, workloads).Select(node => node.Service));
            renewed.UnionWith(update.Affected(known, ruleChange));
            renewed.ExceptWith(services.Removed);
            update.Remove(known, services.Removed.Concat(renewed));
        }
        else
        {
            update.TakeOver(before.Indexes);
        }
        renewed.UnionWith(services.Added.Where(service => context.Sees(service.ExportTo)));
        update.Add(renewed, new WorkloadSelection(source.Workloads, workloads, renewed));

        var indexes = update._change.Apply(known) with { Rules = rules };
        indexes = Routes(indexes, new(knownSource.VirtualServices, source.VirtualServices), context);
        foreach (var name in update._change.DnsNamesRemoved.Where(name => indexes.DnsNames.First(name, 0) is null))
        {
            context.Names.Forget(name);
        }
        return new Registry(source, context, indexes);
    }

    private static HostIndex<DestinationRuleNode> Rules(
        HostIndex<DestinationRuleNode> before, SourceDifference<DestinationRule> difference, RoutingContext context)
    {
        var change = new IndexChange<HostKey, DestinationRuleNode>();
        foreach (var rule in difference.Removed)
        {
            foreach (var node in before.Of(HostKey.TextOf(rule.Host), 0).Where(node => ReferenceEquals(node.Rule, rule)))
            {
                change.Note(isAdded: false, new(HostKey.TextOf(rule.Host), 0), node);
            }
        }
        foreach (var rule in difference.Added.Where(rule => DestinationRuleNode.Reaches(rule, context)))
        {
            change.Note(isAdded: true, new(HostKey.TextOf(rule.Host), 0), new(context, rule));
        }
        return before.With(change);
    }

    private static RegistryIndexes Routes(RegistryIndexes before, SourceDifference<VirtualService> difference, RoutingContext context)
    {
        var names = new IndexChange<HostKey, VirtualServiceNode>();
        var networks = new IndexChange<AddressKey, VirtualServiceNode>();
        foreach (var written in difference.Removed.Where(written => context.Sees(written.ExportTo)))
        {
            foreach (var host in written.Hosts)
            {
                if (NetworkOf(host) is { } network)
                {
                    for (var node = before.AddressRoutes.First(network); node is not null; node = before.AddressRoutes.First(network, node))
                    {
                        if (ReferenceEquals(node.Written, written))
                        {
                            networks.Note(isAdded: false, network, node);
                        }
                    }
                    continue;
                }
                var text = HostKey.TextOf(host);
                before.Routes.Of(text, 0).FindAll(node => ReferenceEquals(node.Written, written))
                    .ForEach(node => names.Note(isAdded: false, new(text, 0), node));
            }
        }
        foreach (var written in difference.Added.Where(written => context.Sees(written.ExportTo)))
        {
            var node = new VirtualServiceNode(context, written);
            foreach (var host in written.Hosts)
            {
                if (NetworkOf(host) is { } network)
                {
                    networks.Note(isAdded: true, network, node);
                }
                else
                {
                    names.Note(isAdded: true, new(HostKey.TextOf(host), 0), node);
                }
            }
        }
        return before with { Routes = before.Routes.With(names), AddressRoutes = before.AddressRoutes.With(networks) };
    }

    private static AddressKey? NetworkOf(string host) =>
        IPNetwork.TryParse(host, out var network) ? AddressKey.Of(network, 0)
        : IPAddress.TryParse(host, out var address) ? AddressKey.Of(address, 0)
        : null;

    /// <summary>Services for which another rule counts now.</summary>
    private IEnumerable<Service> Affected(RegistryIndexes known, SourceDifference<DestinationRule> change)
    {
        foreach (var rule in change.Removed.Concat(change.Added))
        {
            var text = HostKey.TextOf(rule.Host);
            var candidates = rule.Host.StartsWith('*')
                ? known.Hosts.All().Where(entry => entry.Key.Text.EndsWith(text, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value)
                : known.Hosts.Of(text, 0);
            foreach (var node in candidates)
            {
                if (!ReferenceEquals(node.Rule, DestinationRuleNode.Of(node.Service, node.Host, _rules, _context)))
                {
                    yield return node.Service;
                }
            }
        }
    }

    private void TakeOver(RegistryIndexes before)
    {
        foreach (var (_, node) in before.Hosts.All())
        {
            Retire(node);
        }
    }

    private void Remove(RegistryIndexes known, IEnumerable<Service> services)
    {
        foreach (var service in services)
        {
            foreach (var host in service.Hosts)
            {
                foreach (var node in known.Hosts.Of(HostKey.TextOf(host), 0).Where(node => ReferenceEquals(node.Service, service) && ReferenceEquals(node.Host, host)))
                {
                    _change.Note(isAdded: false, node);
                    Retire(node);
                }
            }
        }
    }

    private void Retire(ServiceNode node)
    {
        var origin = node.Service.Origin;
        if (node.IsFirst)
        {
            _before[(origin.Namespace, origin.Name)] = node;
        }
        foreach (var port in node.Ports)
        {
            _replaced[(origin.Namespace, node.Host, port.Port.Number)] = port;
        }
    }

    private void Add(IEnumerable<Service> services, WorkloadSelection workloads)
    {
        foreach (var service in services)
        {
            var origin = service.Origin;
            var selected = workloads.Of(service, _before.GetValueOrDefault((origin.Namespace, origin.Name)));
            foreach (var host in service.Hosts)
            {
                var rule = DestinationRuleNode.Of(service, host, _rules, _context);
                var node = new ServiceNode(_context, service, host, selected, rule);
                foreach (var port in node.Ports)
                {
                    // Once only: two services that both say they are this host and port are two.
                    if (_replaced.Remove((origin.Namespace, host, port.Port.Number), out var replaced))
                    {
                        port.States = replaced.States;
                    }
                }
                _change.Note(isAdded: true, node);
            }
        }
    }
}
