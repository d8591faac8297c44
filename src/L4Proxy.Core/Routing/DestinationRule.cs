using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>How connections to a service are balanced, bounded and secured.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Host">Name of the service; may begin with <c>*.</c>. Short names have been completed.</param>
/// <param name="Policy">For every port and subset that does not say otherwise.</param>
public sealed record DestinationRule(Origin Origin, string Host, TrafficPolicy Policy)
{
    public ImmutableArray<Subset> Subsets { get; init; } = [];

    /// <summary>For which workloads' calls; without a selector for all that see it.</summary>
    public WorkloadSelector Selector { get; init; } = WorkloadSelector.Everything;

    /// <summary>As of <see cref="Service.ExportTo"/>.</summary>
    public ImmutableArray<string> ExportTo { get; init; } = [];
}

/// <param name="Name">By which routes name it.</param>
/// <param name="Line">Where it was written.</param>
/// <param name="Labels">That endpoints of it have.</param>
/// <param name="Policy">Fields it sets replace those of the rule; null sets none.</param>
public sealed record Subset(string Name, int Line, ImmutableSortedDictionary<string, string> Labels, TrafficPolicy? Policy);

/// <summary>Every field may be absent; what is absent is taken from what is wider, and in the end from defaults.</summary>
public sealed record TrafficPolicy
{
    public static TrafficPolicy None { get; } = new();

    /// <summary>Line of the policy; 0 if there is none.</summary>
    public int Line { get; init; }

    public LoadBalancing? LoadBalancing { get; init; }
    public ConnectionPool? ConnectionPool { get; init; }
    public OutlierDetection? OutlierDetection { get; init; }
    public UpstreamTls? Tls { get; init; }

    /// <summary>For single ports (<c>portLevelSettings</c>): there the fields of the destination are not inherited, as Istio has it.</summary>
    public ImmutableSortedDictionary<int, TrafficPolicy> Ports { get; init; } = ImmutableSortedDictionary<int, TrafficPolicy>.Empty;
}

public enum LoadBalancer : byte
{
    /// <summary>The better of two drawn at random. The default, as Istio has it (LEAST_REQUEST; LEAST_CONN is its older name).</summary>
    LeastConnection,
    RoundRobin,
    Random,

    /// <summary>The same source address reaches the same endpoint while the set stays (<c>consistentHash.useSourceIp</c>).</summary>
    SourceHash,

    /// <summary>To the original destination, whatever the endpoints.</summary>
    Passthrough,
}

/// <param name="Algorithm">How one of several is chosen.</param>
/// <param name="IsLocalityAware">Whether nearer endpoints are taken first while there are healthy ones. Default true.</param>
/// <param name="Failover">Where to go from a region when it has none, before anywhere else.</param>
/// <param name="Line">Where it was written.</param>
public sealed record LoadBalancing(LoadBalancer Algorithm, bool IsLocalityAware, ImmutableDictionary<string, string> Failover, int Line)
{
    public static LoadBalancing Default { get; } = new(LoadBalancer.LeastConnection, IsLocalityAware: true, ImmutableDictionary<string, string>.Empty, 0);
}

/// <summary>Limits of a destination. Null: not limited here.</summary>
public sealed record ConnectionPool
{
    public int? MaxConnections { get; init; }
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Null leaves the proxy's own.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }
    public int Line { get; init; }
}

/// <summary>Zero is the proxy's own value.</summary>
/// <param name="Probes">Unanswered ones until the peer is taken for dead.</param>
/// <param name="IdleSeconds">Silence before the first.</param>
/// <param name="IntervalSeconds">Between them.</param>
public sealed record TcpKeepAlive(int Probes, int IdleSeconds, int IntervalSeconds);

/// <summary>When an endpoint that fails is left alone for a while. On by default: see <see cref="Default"/>.</summary>
/// <param name="ConsecutiveFailures">Failed dials and handshakes in a row; 0 switches ejection off.</param>
/// <param name="Interval">Failures further apart than this are not in a row.</param>
/// <param name="BaseEjection">For the first time; the n-th time in a row n times as long.</param>
/// <param name="MaxEjection">At most.</param>
/// <param name="MaxEjectionPercent">Of the endpoints of a destination at the same time, at most 50 whatever is written.</param>
/// <param name="Line">Where it was written.</param>
public sealed record OutlierDetection(
    int ConsecutiveFailures, TimeSpan Interval, TimeSpan BaseEjection, TimeSpan MaxEjection, int MaxEjectionPercent, int Line)
{
    /// <summary>Three failures within ten seconds: ten seconds' rest.</summary>
    public static OutlierDetection Default { get; } =
        new(3, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(300), 50, 0);
}

public enum UpstreamTlsMode : byte
{
    /// <summary>In clear, even to an endpoint whose identity is known.</summary>
    Disable,

    /// <summary>Mesh TLS; never falls back.</summary>
    IstioMutual,

    /// <summary>Ordinary TLS: we show no certificate and verify the server's by name and authority.</summary>
    Simple,

    /// <summary>Ordinary TLS with a client certificate from files.</summary>
    Mutual,
}

/// <summary>How TLS is originated. Absent altogether it is automatic: mesh TLS where the endpoint's identity is known, else none.</summary>
public sealed record UpstreamTls(UpstreamTlsMode Mode, int Line)
{
    /// <summary>Names of which the server's certificate must have one; empty: see the service and the endpoint.</summary>
    public ImmutableArray<string> SubjectAltNames { get; init; } = [];

    /// <summary>Server name sent; empty: the mesh's form for mesh TLS, the service's name otherwise.</summary>
    public string Sni { get; init; } = "";

    /// <summary>PEM file with authorities; empty: those of the system. Only SIMPLE and MUTUAL.</summary>
    public string CaCertificates { get; init; } = "";

    /// <summary>PEM files of MUTUAL.</summary>
    public string ClientCertificate { get; init; } = "";
    public string PrivateKey { get; init; } = "";
}
