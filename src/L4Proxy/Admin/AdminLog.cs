using Microsoft.Extensions.Logging;

namespace L4Proxy.Admin;

/// <summary>What the process log hears of operators: ids 980 to 999.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(980, LogLevel.Information,
        "a candidate policy was previewed: {Judged} live connection(s) judged, {Closing} would be closed, {Errors} error(s); nothing was changed")]
    public static partial void PolicyPreviewed(this ILogger logger, int judged, int closing, int errors);
}
