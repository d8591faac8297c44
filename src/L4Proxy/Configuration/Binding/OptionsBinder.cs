using System.Collections.Immutable;
using System.Net;
using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration.Binding;

/// <summary>
/// The shape of <c>l4proxy.yaml</c>, one method per section. Ranges live here; what several keys mean together is in <see
/// cref="ConfigurationRules"/>.
/// </summary>
internal static class OptionsBinder
{
    private static readonly IPEndPoint _nowhere = new(IPAddress.None, 0);

    public static ProxyOptions Bind(YamlMap root, ConfigurationDocument document) => Section.Read(root, document, Root);

    private static ProxyOptions Root(Section root)
    {
        var defaults = new ProxyOptions();
        return new ProxyOptions
        {
            Workload = root.Inner("workload", defaults.Workload, Workload),
            Capture = root.Inner("capture", defaults.Capture, Capture),
            Identity = root.Inner("identity", defaults.Identity, TlsBinder.Identity),
            Mesh = root.Inner("mesh", defaults.Mesh, TlsBinder.Mesh),
            Forward = root.InnerList("forward", new ForwardOptions(_nowhere, _nowhere), Forward),
            Timeouts = root.Inner("timeouts", defaults.Timeouts, Timeouts),
            Limits = root.Inner("limits", defaults.Limits, Limits),
            Telemetry = root.Inner("telemetry", defaults.Telemetry, Telemetry),
            Transport = root.Inner("transport", defaults.Transport, Transport),
            Health = root.Port("health", defaults.Health),
            Admin = root.Port("admin", defaults.Admin),
        };
    }

    private static WorkloadOptions Workload(Section section)
    {
        var defaults = new WorkloadOptions();
        return new WorkloadOptions
        {
            Name = section.Value("name", defaults.Name, WorkloadText.NameOrEmpty),
            Namespace = section.Value("namespace", defaults.Namespace, WorkloadText.Name),
            ServiceAccount = section.Value("serviceAccount", defaults.ServiceAccount, WorkloadText.Name),
            TrustDomain = section.Value("trustDomain", defaults.TrustDomain, WorkloadText.TrustDomain),
            Labels = section.Inner("labels", defaults.Labels, Labels),
            Locality = section.Value("locality", defaults.Locality, WorkloadText.Locality),
        };
    }

    public static ImmutableSortedDictionary<string, string> Labels(Section section) =>
        // Distinct: keys that were refused have all become "".
        section.Entries(WorkloadText.LabelKey, WorkloadText.LabelValue).DistinctBy(label => label.Key, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static CaptureOptions Capture(Section section) => new()
    {
        Outbound = section.PortOrOff("outbound"),
        Inbound = section.PortOrOff("inbound"),
        Mode = section.Choice("mode", CaptureMode.Redirect),
        Guests = section.Switch("guests", fallback: false),
        Ipv6 = section.Switch("ipv6", fallback: true),
        ProxyProtocol = section.Inner("proxyProtocol", new ProxyProtocolOptions(), ProxyProtocol),
    };

    private static ProxyProtocolOptions ProxyProtocol(Section section) => new()
    {
        Accept = [.. section.ValueList("accept", [], default, ScalarText.Network)],
        Send = section.Choice("send", ProxyProtocolVersion.None),
    };

    private static ForwardOptions Forward(Section section) =>
        new(section.EndPoint("listen", "127.0.0.1:8001"), section.EndPoint("upstream", "127.0.0.1:9000"))
        {
            Tls = section.Choice("tls", ForwardTls.None),
            Peers = TlsBinder.ForwardPeers(section),
            Sni = section.Value("sni", "", PeerText.ServerName),
            ProxyProtocol = section.Inner("proxyProtocol", new ProxyProtocolOptions(), ProxyProtocol),
        };

    private static TimeoutOptions Timeouts(Section section)
    {
        var defaults = new TimeoutOptions();
        return new TimeoutOptions
        {
            Connect = section.Duration("connect", defaults.Connect),
            Handshake = section.Duration("handshake", defaults.Handshake),
            Detection = section.Duration("detection", defaults.Detection),
            Idle = section.Duration("idle", defaults.Idle, zero: "off"),
            HalfClose = section.Duration("halfClose", defaults.HalfClose),
            PreDrain = section.Duration("preDrain", defaults.PreDrain, zero: "at once"),
            Drain = section.Duration("drain", defaults.Drain),
        };
    }

    private static LimitOptions Limits(Section section)
    {
        var defaults = new LimitOptions();
        return new LimitOptions
        {
            MaxConnections = section.Value("maxConnections", null, text => ScalarText.NumberOrAuto(text, 1, int.MaxValue)),
            HandshakesInFlight = section.Value("handshakesInFlight", null, text => ScalarText.NumberOrAuto(text, 1, int.MaxValue)),
            MaxConnectionsPerDestination = section.Value("maxConnectionsPerDestination", defaults.MaxConnectionsPerDestination, Limit),
            MaxConnectionsPerIdentity = section.Value("maxConnectionsPerIdentity", defaults.MaxConnectionsPerIdentity, Limit),
            WaitingPerDestination = section.Value("waitingPerDestination", defaults.WaitingPerDestination, Limit),
        };
    }

    private static int Limit(string text) => ScalarText.Number(text, 0, int.MaxValue);

    private static TelemetryOptions Telemetry(Section section)
    {
        var defaults = new TelemetryOptions();
        return new TelemetryOptions
        {
            AccessLog = section.Inner("accessLog", defaults.AccessLog, AccessLog),
            Metrics = section.ValueList("metrics", defaults.Metrics, broken: 0, ScalarText.Port),
        };
    }

    private static AccessLogOptions AccessLog(Section section) => new()
    {
        Path = section.Value("path", new AccessLogOptions().Path, ScalarText.AbsolutePath),
        Format = section.Choice("format", AccessLogFormat.Json),
    };

    private static TransportOptions Transport(Section section) => new()
    {
        EventLoops = section.Value("eventLoops", null, text => ScalarText.NumberOrAuto(text, 1, 64)),
        Splice = section.Choice("splice", SpliceMode.Adaptive),
    };
}
