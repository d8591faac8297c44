using System.Net;

namespace L4Proxy.Configuration;

/// <summary>What the options make the process do, in one line: for <c>check</c> and the banner at start.</summary>
internal static class ConfigurationSummary
{
    public static string Of(ProxyOptions options, long openFiles)
    {
        var listeners = OwnPort.Of(options).Select(port => $"{Role(port, options)} on {Where(port.EndPoint)}");
        return $"{string.Join(", ", listeners)}; {Tls(options)}; {ConnectionLimit.For(options, openFiles).Sentence}";
    }

    private static string Role(OwnPort port, ProxyOptions options) => port.Path switch
    {
        "capture.outbound" => "outbound capture",
        "capture.inbound" => $"inbound capture ({OptionKey.Word(options.Capture.Mode)}{(HasIdentity(options) ? $", mTLS {OptionKey.Word(options.Mesh.Mtls)}" : "")})",
        "health" or "admin" => port.Path,
        _ when port.Path.StartsWith("forward[", StringComparison.Ordinal) =>
            Forward(options.Forward.First(forward => forward.Listen.Equals(port.EndPoint))),
        _ => "metrics",
    };

    private static string Forward(ForwardOptions forward) => forward.Tls switch
    {
        ForwardTls.Terminate => $"forward of mTLS by {Peers(forward)} to {forward.Upstream}",
        ForwardTls.Originate => $"forward by mTLS with {Peers(forward)} to {forward.Upstream}",
        _ => $"forward to {forward.Upstream}",
    };

    private static string Peers(ForwardOptions forward) =>
        forward.Peers.IsEmpty ? "anyone of a trusted domain" : string.Join(" or ", forward.Peers);

    private static string Tls(ProxyOptions options)
    {
        if (!HasIdentity(options))
        {
            return "no identity, so TLS passes as it is";
        }
        var outbound = options.Capture.Outbound is null ? ""
            : options.Mesh.Peers.IsEmpty ? ", outbound is dialled in clear"
            : $", outbound by mTLS to {string.Join(", ", options.Mesh.Peers.Select(peer => peer.Port is { } port ? $"{peer.Destination} port {port}" : $"{peer.Destination}"))}";
        return $"identity from {options.Identity.Certificate}, TLS {OptionKey.Word(options.Mesh.MinTlsVersion)} or newer{outbound}";
    }

    private static bool HasIdentity(ProxyOptions options) => options.Identity.Source == IdentitySource.Files;

    private static string Where(IPEndPoint endPoint) => endPoint.Address.Equals(IPAddress.Any) ? $"*:{endPoint.Port}" : endPoint.ToString();
}
