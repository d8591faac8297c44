using Microsoft.Extensions.Logging;

namespace L4Proxy.Egress;

/// <summary>What learning says to the person on call. Event ids 962 and 963.</summary>
internal static partial class EgressLog
{
    [LoggerMessage(962, LogLevel.Warning,
        "what is learned about egress cannot be written to {Path}: {Reason}. It is kept in memory and tried again every 5 s")]
    public static partial void EgressNotWritten(this ILogger logger, string path, string reason);

    [LoggerMessage(963, LogLevel.Warning,
        "{Path} has {Count} destinations, which is as many as are kept; further ones are only counted. A range of addresses may say it better")]
    public static partial void EgressFull(this ILogger logger, string path, int count);
}
