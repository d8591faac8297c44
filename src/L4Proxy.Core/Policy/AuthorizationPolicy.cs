using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>What a policy does with what it matches.</summary>
public enum PolicyAction : byte
{
    Allow,
    Deny,

    /// <summary>Marks the connection in the log; decides nothing.</summary>
    Audit,
}

/// <summary>
/// An authorization policy in its normal form, whatever it was written in. A policy matches if one of its rules does; without rules it
/// never matches, so that an ALLOW policy without rules denies everything.
/// </summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Action">What it does.</param>
/// <param name="Selector">For which workloads of its namespace, or of the mesh if it stands in the root namespace.</param>
/// <param name="Rules">Joined by OR.</param>
public sealed record AuthorizationPolicy(Origin Origin, PolicyAction Action, WorkloadSelector Selector, ImmutableArray<PolicyRule> Rules)
{
    /// <summary>Judged and told, never enforced (annotation <c>istio.io/dry-run</c>).</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>Matches if all of its clauses do; without clauses it matches everything.</summary>
/// <param name="Index">Its place among the rules as they were written, from 0: rules that were left out keep their number.</param>
/// <param name="Line">Where it was written.</param>
/// <param name="Clauses">Joined by AND.</param>
public sealed record PolicyRule(int Index, int Line, ImmutableArray<PolicyClause> Clauses);

/// <summary>One of <c>from</c>, <c>to</c> or a <c>when</c> of a rule. Matches if one of its matches does; without any it matches.</summary>
/// <param name="Matches">Joined by OR.</param>
public sealed record PolicyClause(ImmutableArray<PolicyMatch> Matches);

/// <summary>
/// Conditions on one connection: all fields that are not empty must hold. Within a field one value must match; of a not-field none may.
/// A match without any field never matches: it is what is left when a peer sends conditions that we cannot evaluate.
/// </summary>
/// <remarks>
/// A connection without a verified peer matches no positive field about the peer, and every not-field about it: "not somebody" holds for
/// nobody. The same goes for an absent server name.
/// </remarks>
public sealed record PolicyMatch
{
    /// <summary>Line of the first field.</summary>
    public int Line { get; init; }

    /// <summary>Compared without <c>spiffe://</c>: <c>cluster.local/ns/demo/sa/web</c>.</summary>
    public ImmutableArray<TextPattern> Principals { get; init; } = [];
    public ImmutableArray<TextPattern> NotPrincipals { get; init; } = [];

    /// <summary>Kubernetes namespace of the peer's ID.</summary>
    public ImmutableArray<TextPattern> Namespaces { get; init; } = [];
    public ImmutableArray<TextPattern> NotNamespaces { get; init; } = [];

    /// <summary>Namespace and name; the trust domain does not count.</summary>
    public ImmutableArray<ServiceAccount> ServiceAccounts { get; init; } = [];
    public ImmutableArray<ServiceAccount> NotServiceAccounts { get; init; } = [];

    public ImmutableArray<TextPattern> TrustDomains { get; init; } = [];
    public ImmutableArray<TextPattern> NotTrustDomains { get; init; } = [];

    /// <summary>The other end of the TCP connection (<c>ipBlocks</c>, <c>source.ip</c>).</summary>
    public ImmutableArray<IPNetwork> SourceNetworks { get; init; } = [];
    public ImmutableArray<IPNetwork> NotSourceNetworks { get; init; } = [];

    /// <summary>Whom a trusted PROXY header names, else the other end (<c>remoteIpBlocks</c>, <c>remote.ip</c>).</summary>
    public ImmutableArray<IPNetwork> RemoteNetworks { get; init; } = [];
    public ImmutableArray<IPNetwork> NotRemoteNetworks { get; init; } = [];

    public ImmutableArray<IPNetwork> DestinationNetworks { get; init; } = [];
    public ImmutableArray<IPNetwork> NotDestinationNetworks { get; init; } = [];

    public ImmutableArray<int> Ports { get; init; } = [];
    public ImmutableArray<int> NotPorts { get; init; } = [];

    /// <summary>SNI of the downstream's ClientHello (<c>connection.sni</c>).</summary>
    public ImmutableArray<TextPattern> ServerNames { get; init; } = [];
    public ImmutableArray<TextPattern> NotServerNames { get; init; } = [];
}

/// <summary>A service account as policies name it: <c>demo/web</c>.</summary>
public readonly record struct ServiceAccount(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}
