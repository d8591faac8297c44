using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary><c>connectionPool</c>: of it only what is said of TCP.</summary>
internal static class ConnectionPoolReader
{
    public static ConnectionPool? Read(Section section)
    {
        if (section.Has("http"))
        {
            section.Warn("http", "has no effect: HTTP is not parsed here; limit connections under tcp");
        }
        else if (!section.Has("tcp"))
        {
            section.Fail("says nothing; write tcp, or remove it");
        }
        return section.Inner("tcp", null, Tcp);
    }

    private static ConnectionPool? Tcp(Section section)
    {
        section.Refuse("idleTimeout", "cannot be set for one destination; remove it and set timeouts.idle of the configuration");
        section.Refuse("maxConnectionDuration", "is not supported: connections live until an end closes them; remove it");
        return new ConnectionPool
        {
            Line = section.Position.Line,
            MaxConnections = section.Value<int?>("maxConnections", null, text => ScalarText.Number(text, 1, int.MaxValue)),
            ConnectTimeout = section.Value<TimeSpan?>("connectTimeout", null, text => DurationText.Parse(text)),
            KeepAlive = section.Inner("tcpKeepalive", null, KeepAlive),
        };
    }

    // tcp(7): probes and intervals beyond these are refused by the kernel (MAX_TCP_KEEPCNT, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPIDLE).
    private static TcpKeepAlive? KeepAlive(Section section) => new(
        section.Value("probes", 0, text => ScalarText.Number(text, 1, 127)), section.Value("time", 0, Seconds), section.Value("interval", 0, Seconds));

    private static int Seconds(string text)
    {
        var seconds = Math.Ceiling(DurationText.Parse(text).TotalSeconds);
        return seconds <= 32767 ? (int)seconds : throw new FormatException($"'{text}' is longer than the kernel allows; write at most 32767s");
    }
}
