using System.Net;

namespace L4Proxy.Configuration;

/// <summary>A port this process listens on, and the key that says so.</summary>
/// <param name="Path">The key, such as <c>capture.inbound</c>.</param>
/// <param name="EndPoint">The address bound: loopback stands for both families, a wildcard for every address.</param>
internal readonly record struct OwnPort(string Path, IPEndPoint EndPoint)
{
    private bool IsWildcard => EndPoint.Address.Equals(IPAddress.Any) || EndPoint.Address.Equals(IPAddress.IPv6Any);
    private bool IsForward => Path.StartsWith("forward[", StringComparison.Ordinal);

    /// <summary>Every port the options make this process listen on.</summary>
    public static IEnumerable<OwnPort> Of(ProxyOptions options)
    {
        if (options.Capture.Outbound is { } outbound)
        {
            yield return new("capture.outbound", new(options.Capture.Guests ? IPAddress.Any : IPAddress.Loopback, outbound));
        }
        if (options.Capture.Inbound is { } inbound)
        {
            yield return new("capture.inbound", new(IPAddress.Any, inbound));
        }
        for (var i = 0; i < options.Forward.Count; i++)
        {
            yield return new($"forward[{i}].listen", options.Forward[i].Listen);
        }
        for (var i = 0; i < options.Telemetry.Metrics.Count; i++)
        {
            yield return new($"telemetry.metrics[{i}]", new(IPAddress.Any, options.Telemetry.Metrics[i]));
        }
        yield return new("health", new(IPAddress.Any, options.Health));
        yield return new("admin", new(IPAddress.Loopback, options.Admin));
    }

    /// <summary>
    /// Whether both cannot be bound, or one would take connections meant for the other. Two forwards may share a port on different
    /// addresses.
    /// </summary>
    public bool ConflictsWith(OwnPort other) => EndPoint.Port == other.EndPoint.Port
        && (!IsForward || !other.IsForward || IsWildcard || other.IsWildcard || EndPoint.Address.Equals(other.EndPoint.Address));

    /// <summary>
    /// Whether a dial to <paramref name="upstream"/> certainly comes back here. (What only the kernel knows, the loop guard finds.)
    /// </summary>
    public bool IsReachedBy(IPEndPoint upstream) => EndPoint.Port == upstream.Port
        && (EndPoint.Address.Equals(upstream.Address) || (IPAddress.IsLoopback(upstream.Address) && (IsWildcard || !IsForward)));
}
