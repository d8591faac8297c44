using System.Globalization;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Configuration;

/// <summary>When a changed key begins to count.</summary>
internal enum ChangeEffect
{
    NewConnections,
    NextDrain,
    Restart,
}

/// <summary>
/// One key of the file: its name, when a change of it counts, and its value in words. The list is the whole truth about reloads.
/// </summary>
internal sealed record OptionKey(string Path, ChangeEffect Effect, Func<ProxyOptions, string> Value)
{
    /// <summary>Every key except those of <c>forward</c>, which <see cref="ConfigurationChange"/> compares by listening address.</summary>
    public static IReadOnlyList<OptionKey> All { get; } =
    [
        // Who we are is in every metric series and in the certificate: it cannot change under either.
        new("workload.name", ChangeEffect.Restart, options => Quoted(options.Workload.Name)),
        new("workload.namespace", ChangeEffect.Restart, options => Quoted(options.Workload.Namespace)),
        new("workload.serviceAccount", ChangeEffect.Restart, options => Quoted(options.Workload.ServiceAccount)),
        new("workload.trustDomain", ChangeEffect.Restart, options => Quoted(options.Workload.TrustDomain)),
        new("workload.labels", ChangeEffect.Restart, options => Map(options.Workload.Labels)),
        new("workload.locality", ChangeEffect.Restart, options => Quoted(options.Workload.Locality)),

        new("capture.outbound", ChangeEffect.Restart, options => OrOff(options.Capture.Outbound)),
        new("capture.inbound", ChangeEffect.Restart, options => OrOff(options.Capture.Inbound)),
        new("capture.mode", ChangeEffect.Restart, options => Word(options.Capture.Mode)),
        new("capture.guests", ChangeEffect.Restart, options => options.Capture.Guests ? "true" : "false"),
        new("capture.ipv6", ChangeEffect.Restart, options => options.Capture.Ipv6 ? "true" : "false"),

        new("capture.proxyProtocol.accept", ChangeEffect.NewConnections, options => List(options.Capture.ProxyProtocol.Accept)),
        new("capture.proxyProtocol.send", ChangeEffect.NewConnections, options => Word(options.Capture.ProxyProtocol.Send)),

        // What is in the files may change at any time; which files these are is settled at start.
        new("identity.source", ChangeEffect.Restart, options => Word(options.Identity.Source)),
        new("identity.certificate", ChangeEffect.Restart, options => Quoted(options.Identity.Certificate)),
        new("identity.privateKey", ChangeEffect.Restart, options => Quoted(options.Identity.PrivateKey)),
        new("identity.trustBundle", ChangeEffect.Restart, options => Quoted(options.Identity.TrustBundle)),
        new("identity.crl", ChangeEffect.Restart, options => Quoted(options.Identity.Crl)),
        new("identity.trustDomainAliases", ChangeEffect.Restart, options => List(options.Identity.TrustDomainAliases)),
        new("identity.federatedBundles", ChangeEffect.Restart, options => Map(options.Identity.FederatedBundles)),

        new("mesh.mtls", ChangeEffect.NewConnections, options => Word(options.Mesh.Mtls)),
        new("mesh.minTlsVersion", ChangeEffect.NewConnections, options => Word(options.Mesh.MinTlsVersion)),
        // Which files these are is settled at start; what is in them may change at any time.
        new("mesh.resources", ChangeEffect.Restart, options => Quoted(options.Mesh.Resources)),
        new("mesh.rootNamespace", ChangeEffect.Restart, options => Quoted(options.Mesh.RootNamespace)),
        new("mesh.outboundTrafficPolicy", ChangeEffect.NewConnections, options => Word(options.Mesh.OutboundTrafficPolicy)),
        new("mesh.learnEgress", ChangeEffect.Restart, options => Quoted(options.Mesh.LearnEgress)),
        new("mesh.policyDryRun", ChangeEffect.NewConnections, options => options.Mesh.PolicyDryRun ? "true" : "false"),
        new("mesh.onPolicyChange", ChangeEffect.NewConnections, options => Word(options.Mesh.OnPolicyChange)),
        new("mesh.policyChangeSpread", ChangeEffect.NewConnections, options => ScalarText.Format(options.Mesh.PolicyChangeSpread)),
        new("mesh.peers", ChangeEffect.NewConnections, options => List(options.Mesh.Peers.Select(Peer))),

        new("timeouts.connect", ChangeEffect.NewConnections, options => ScalarText.Format(options.Timeouts.Connect)),
        new("timeouts.handshake", ChangeEffect.NewConnections, options => ScalarText.Format(options.Timeouts.Handshake)),
        new("timeouts.detection", ChangeEffect.NewConnections, options => ScalarText.Format(options.Timeouts.Detection)),
        new("timeouts.idle", ChangeEffect.NewConnections, options => ScalarText.Format(options.Timeouts.Idle)),
        new("timeouts.halfClose", ChangeEffect.NewConnections, options => ScalarText.Format(options.Timeouts.HalfClose)),
        new("timeouts.preDrain", ChangeEffect.NextDrain, options => ScalarText.Format(options.Timeouts.PreDrain)),
        new("timeouts.drain", ChangeEffect.NextDrain, options => ScalarText.Format(options.Timeouts.Drain)),

        new("limits.maxConnections", ChangeEffect.NewConnections, options => OrAuto(options.Limits.MaxConnections)),
        new("limits.handshakesInFlight", ChangeEffect.NewConnections, options => OrAuto(options.Limits.HandshakesInFlight)),

        new("limits.maxConnectionsPerDestination", ChangeEffect.NewConnections, options => Number(options.Limits.MaxConnectionsPerDestination)),
        new("limits.maxConnectionsPerIdentity", ChangeEffect.NewConnections, options => Number(options.Limits.MaxConnectionsPerIdentity)),
        new("limits.waitingPerDestination", ChangeEffect.NewConnections, options => Number(options.Limits.WaitingPerDestination)),

        new("telemetry.accessLog.path", ChangeEffect.Restart, options => options.Telemetry.AccessLog.Path),
        new("telemetry.accessLog.format", ChangeEffect.Restart, options => Word(options.Telemetry.AccessLog.Format)),
        new("telemetry.metrics", ChangeEffect.Restart, options => List(options.Telemetry.Metrics.Select(Number))),

        new("transport.eventLoops", ChangeEffect.Restart, options => OrAuto(options.Transport.EventLoops)),
        new("transport.splice", ChangeEffect.Restart, options => Word(options.Transport.Splice)),

        new("health", ChangeEffect.Restart, options => Number(options.Health)),
        new("admin", ChangeEffect.Restart, options => Number(options.Admin)),
    ];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string OrOff(int? port) => port is { } number ? Number(number) : "off";

    private static string OrAuto(int? value) => value is { } number ? Number(number) : "auto";

    /// <summary>A list as the file writes it.</summary>
    public static string List<T>(IEnumerable<T> items) => $"[{string.Join(", ", items)}]";

    private static string Map(IEnumerable<KeyValuePair<string, string>> entries) =>
        $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}"))}}}";

    private static string Peer(MeshPeerOptions peer) =>
        $"{peer.Destination}:{(peer.Port is { } port ? Number(port) : "*")} host {Quoted(peer.Host)} subset {Quoted(peer.Subset)} identities {List(peer.Identities)}";

    private static string Quoted(string text) => $"'{text}'";

    /// <summary>A member of an option's enum as the file writes it: <c>Redirect</c> is <c>redirect</c>.</summary>
    public static string Word<T>(T member) where T : struct, Enum
    {
        var name = member.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>As Istio's PeerAuthentication writes it: <c>STRICT</c>.</summary>
    public static string Word(MtlsMode mode) => mode.ToString().ToUpperInvariant();

    public static string Word(OutboundTrafficPolicy policy) => policy == OutboundTrafficPolicy.RegistryOnly ? "REGISTRY_ONLY" : "ALLOW_ANY";

    public static string Word(MinTlsVersion version) => version == MinTlsVersion.Tls12 ? "1.2" : "1.3";
}
