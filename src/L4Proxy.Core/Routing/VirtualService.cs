using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>Routes for connections to some hosts. TLS routes are tried before TCP routes; of each the first that matches counts.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Hosts">Names of services, completed; one may begin with <c>*.</c>, or be <c>*</c>, or an IP address or network.</param>
/// <param name="Tls">Match by SNI.</param>
/// <param name="Tcp">Match by address and port.</param>
public sealed record VirtualService(Origin Origin, ImmutableArray<string> Hosts, ImmutableArray<RouteRule> Tls, ImmutableArray<RouteRule> Tcp)
{
    /// <summary>As of <see cref="Service.ExportTo"/>.</summary>
    public ImmutableArray<string> ExportTo { get; init; } = [];
}

/// <param name="Index">Among its kind in the resource, from 0.</param>
/// <param name="Line">Where it was written.</param>
/// <param name="Matches">Joined by OR; none: it matches every connection.</param>
/// <param name="Destinations">At least one; weights are relative and not all of them zero.</param>
public sealed record RouteRule(int Index, int Line, ImmutableArray<RouteMatch> Matches, ImmutableArray<RouteDestination> Destinations);

/// <summary>All fields that are not empty must hold.</summary>
public sealed record RouteMatch
{
    public ImmutableArray<IPNetwork> DestinationSubnets { get; init; } = [];
    public int? Port { get; init; }

    /// <summary>Of the calling workload, which is ours.</summary>
    public ImmutableSortedDictionary<string, string> SourceLabels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Of the calling workload; empty: any.</summary>
    public string SourceNamespace { get; init; } = "";

    /// <summary>At least one for a TLS route; exact, or a suffix written <c>*.text</c>.</summary>
    public ImmutableArray<TextPattern> ServerNames { get; init; } = [];
}

/// <param name="Host">Name of a service, completed.</param>
/// <param name="Subset">Of its destination rule; empty: all endpoints.</param>
/// <param name="Port">Of the service; null: the port that was called, or the only one it has.</param>
/// <param name="Weight">Relative to the others; 0 gets nothing.</param>
/// <param name="Line">Where it was written.</param>
public sealed record RouteDestination(string Host, string Subset, int? Port, int Weight, int Line);
