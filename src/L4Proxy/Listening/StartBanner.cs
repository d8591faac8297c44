using System.Reflection;
using L4Proxy.Configuration;
using L4Proxy.Telemetry;
using L4Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>What the log says first: who we are, on what, and within which limits.</summary>
internal static class StartBanner
{
    /// <summary>The first runtime with every published fix that touches this process.</summary>
    private static readonly Version _serviced = new(10, 0, 13);

    public static void Write(ILogger logger, ProxyOptions options)
    {
        var version = typeof(StartBanner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?";
        logger.Starting(version.Split('+')[0], Environment.Version.ToString(), Environment.ProcessId, options.Transport.EffectiveEventLoops);
        var limit = ConnectionLimit.For(options, HostAddresses.DescriptorLimit);
        logger.Limit("limits.maxConnections", limit.Maximum, limit.Sentence);
        if (Defects(Environment.Version) is { } defects)
        {
            logger.RuntimeOutdated(Environment.Version.ToString(), _serviced.ToString(), defects);
        }
    }

    /// <summary>Published defects of a runtime that touch this process; null if it has none.</summary>
    internal static string? Defects(Version runtime) => runtime >= _serviced
        ? null
        : "CVE-2026-96224 (remote code execution)" + (runtime < new Version(10, 0, 10)
            ? ", CVE-2026-50524 (crash by a malformed TLS handshake), CVE-2026-50528 (SslStream authorization bypass)"
            : "");
}
