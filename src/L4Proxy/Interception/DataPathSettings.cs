using System.Collections.Immutable;
using System.Security.Authentication;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;
using L4Proxy.Tls;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>What handlers read for each new connection, in the units they need it. One immutable object, replaced whole by a reload.</summary>
/// <param name="options">The configuration in force.</param>
/// <param name="maxConnections">Its limit, or what auto came to.</param>
/// <param name="handshakesInFlight">Likewise.</param>
internal sealed class DataPathSettings(ProxyOptions options, int maxConnections, int handshakesInFlight)
{
    private readonly int _silenceMilliseconds = (int)options.Timeouts.Detection.TotalMilliseconds;

    /// <summary>Connections admitted at the same time.</summary>
    public int MaxConnections { get; } = maxConnections;

    public SpliceTimeouts Timeouts { get; } = new(
        (int)options.Timeouts.Idle.TotalMilliseconds, (int)options.Timeouts.HalfClose.TotalMilliseconds);

    /// <summary>Dials to the network: unmarked, so that the capture rules treat them as the proxy's own traffic.</summary>
    public DialOptions Dial { get; } = new() { TimeoutMilliseconds = (int)options.Timeouts.Connect.TotalMilliseconds };

    /// <summary>
    /// Dials to our own workload, marked so that the rules let them pass (rule R18). The mark never leaves the host: the leg runs
    /// over the loopback device.
    /// </summary>
    public DialOptions DialWorkload { get; } = new()
    {
        TimeoutMilliseconds = (int)options.Timeouts.Connect.TotalMilliseconds,
        Dscp = Redirect.TrafficMarks.ApplicationLegDscp,
    };

    /// <summary>The static listeners, in the order of the file.</summary>
    public ImmutableArray<ForwardSettings> Forward { get; } = [.. options.Forward.Select(forward => new ForwardSettings(forward))];

    /// <summary>What inbound connections must be.</summary>
    public MtlsMode Mtls { get; } = options.Mesh.Mtls;

    /// <summary>Where outbound connections meet the mesh.</summary>
    public MeshPeers MeshPeers { get; } = new(options.Mesh.Peers);

    /// <summary>Where no Sidecar resource says otherwise.</summary>
    public OutboundTrafficPolicy OutboundTrafficPolicy { get; } = options.Mesh.OutboundTrafficPolicy;

    /// <summary>Whether authorization is told and not enforced.</summary>
    public bool IsPolicyDryRun { get; } = options.Mesh.PolicyDryRun;

    public PolicyChangeAction OnPolicyChange { get; } = options.Mesh.OnPolicyChange;
    public TimeSpan PolicyChangeSpread { get; } = options.Mesh.PolicyChangeSpread;

    /// <summary>0 is no limit.</summary>
    public int MaxConnectionsPerDestination { get; } = options.Limits.MaxConnectionsPerDestination;

    /// <inheritdoc cref="MaxConnectionsPerDestination"/>
    public int MaxConnectionsPerIdentity { get; } = options.Limits.MaxConnectionsPerIdentity;

    /// <summary>How many may wait for a place under either limit.</summary>
    public int WaitingPerDestination { get; } = options.Limits.WaitingPerDestination;

    public ProxyProtocolOptions InboundProxyProtocol { get; } = options.Capture.ProxyProtocol;

    public HandshakeLimits Handshake { get; } = new(
        (int)options.Timeouts.Handshake.TotalMilliseconds,
        handshakesInFlight,
        options.Mesh.MinTlsVersion == MinTlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13);

    /// <summary>Until when a downstream must have said and proven who it is, in milliseconds of the loop's clock.</summary>
    public long HandshakeDeadline(ConnectionRecord record) => record.AcceptedAt / 1000 + Handshake.Milliseconds;

    /// <summary>Until when a downstream that says nothing may still begin with TLS.</summary>
    public long SilenceDeadline(ConnectionRecord record) => record.AcceptedAt / 1000 + _silenceMilliseconds;
}
