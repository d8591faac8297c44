using L4Proxy.Configuration;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Identity;

/// <summary>Chooses where our identity comes from.</summary>
internal static class IdentitySources
{
    /// <summary>Not started yet. A source that can fail has a condition in readiness and numbers among the metrics; having none is no failure.</summary>
    public static IIdentitySource Of(ProxyOptions options, Readiness readiness, Instruments instruments, ILogger logger)
    {
        if (options.Identity.Source == IdentitySource.None)
        {
            return new NoIdentitySource();
        }
        var files = new FileIdentitySource(options, readiness, TimeProvider.System, logger);
        IdentityMetrics.AddTo(instruments, files);
        return files;
    }
}
