using Microsoft.Extensions.Logging;

namespace L4Proxy.Names;

/// <summary>What names say to the person on call: once when one fails, once when it is back. Event ids 960 and 961.</summary>
internal static partial class DnsLog
{
    [LoggerMessage(960, LogLevel.Warning,
        "the name {Name} cannot be resolved ({Result}): {Detail}; its last {Count} address(es) stay in use, and it is asked again until it answers")]
    public static partial void NameFailed(this ILogger logger, string name, string result, string detail, int count);

    [LoggerMessage(961, LogLevel.Information, "the name {Name} is resolved again after {Failures} failed look-up(s)")]
    public static partial void NameIsBack(this ILogger logger, string name, int failures);
}
