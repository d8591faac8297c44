using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>What PeerAuthentication resources come to for one workload: a mode per port.</summary>
public sealed class MtlsModes
{
    private readonly (MtlsMode Mode, Origin By)? _everyPort;
    private readonly ImmutableSortedDictionary<int, (MtlsMode Mode, Origin By)> _ports;

    private MtlsModes((MtlsMode Mode, Origin By)? everyPort, ImmutableSortedDictionary<int, (MtlsMode Mode, Origin By)> ports)
    {
        _everyPort = everyPort;
        _ports = ports;
    }

    /// <summary>Nothing is said anywhere.</summary>
    public static MtlsModes Empty { get; } = new(null, ImmutableSortedDictionary<int, (MtlsMode Mode, Origin By)>.Empty);

    /// <summary>
    /// Port over workload over namespace over mesh; what is UNSET is decided by what is wider. Of two resources of the same reach only
    /// the first by namespace and name counts. Ports count only with a selector, as in Istio.
    /// </summary>
    public static MtlsModes Compile(IEnumerable<PeerAuthentication> resources, LocalWorkload workload)
    {
        var reaching =
            from resource in resources
                .OrderBy(resource => resource.Origin.Namespace, StringComparer.Ordinal)
                .ThenBy(resource => resource.Origin.Name, StringComparer.Ordinal)
            let scope = resource.Selector.ScopeFor(resource.Origin.Namespace, workload)
            where scope is not null
            group resource by scope.Value into sameReach
            orderby sameReach.Key descending
            select (Scope: sameReach.Key, Resource: sameReach.First());

        (MtlsMode Mode, Origin By)? everyPort = null;
        var ports = ImmutableSortedDictionary.CreateBuilder<int, (MtlsMode Mode, Origin By)>();
        foreach (var (scope, resource) in reaching)
        {
            if (everyPort is null && resource.Mode is { } mode)
            {
                everyPort = (mode, resource.Origin);
            }
            foreach (var (port, mtls) in scope == ResourceScope.Workload ? resource.Ports : ImmutableSortedDictionary<int, PortMtls>.Empty)
            {
                if (mtls.Mode is { } portMode)
                {
                    ports[port] = (portMode, resource.Origin.At(mtls.Line));
                }
            }
        }
        return new(everyPort, ports.ToImmutable());
    }

    /// <param name="port">Of the workload.</param>
    /// <param name="fallback">Where nothing is said.</param>
    /// <param name="by">Who says so; null: the fallback.</param>
    public MtlsMode Of(int port, MtlsMode fallback, out Origin? by)
    {
        if (_ports.TryGetValue(port, out var own))
        {
            by = own.By;
            return own.Mode;
        }
        by = _everyPort?.By;
        return _everyPort?.Mode ?? fallback;
    }
}
