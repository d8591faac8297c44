using System.Net;

namespace L4Proxy.Configuration;

/// <summary>What the options make the process do, in one line: for <c>check</c> and the banner at start.</summary>
internal static class ConfigurationSummary
{
    public static string Of(ProxyOptions options, long openFiles)
    {
        var listeners = OwnPort.Of(options).Select(port => $"{Role(port, options)} on {Where(port.EndPoint)}");
        return $"{string.Join(", ", listeners)}; {ConnectionLimit.For(options, openFiles).Sentence}";
    }

    private static string Role(OwnPort port, ProxyOptions options) => port.Path switch
    {
        "capture.outbound" => "outbound capture",
        "capture.inbound" => $"inbound capture ({(options.Capture.Mode == CaptureMode.Tproxy ? "tproxy" : "redirect")})",
        "health" or "admin" => port.Path,
        _ when port.Path.StartsWith("forward[", StringComparison.Ordinal) =>
            $"forward to {options.Forward.First(forward => forward.Listen.Equals(port.EndPoint)).Upstream}",
        _ => "metrics",
    };

    private static string Where(IPEndPoint endPoint) => endPoint.Address.Equals(IPAddress.Any) ? $"*:{endPoint.Port}" : endPoint.ToString();
}
