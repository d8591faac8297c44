using Microsoft.Extensions.Logging;

namespace L4Proxy.Telemetry;

/// <summary>
/// What the process says to the person on call. Never about a single ordinary connection: that is the access log's. Ids are in blocks
/// of 100 per room and are never used again for something else: 100 start, 200 readiness, 300 configuration (its room says them
/// itself), 400 drain, 500 event loops, 600 capture, 700 telemetry, 800 connections, 900 identity.
/// </summary>
internal static partial class ProxyLog
{
    [LoggerMessage(100, LogLevel.Information, "l4proxy {Version} on .NET {Runtime}, pid {ProcessId}, {Loops} event loop(s)")]
    public static partial void Starting(this ILogger logger, string version, string runtime, int processId, int loops);

    [LoggerMessage(101, LogLevel.Information, "{Role} listens on {EndPoint}")]
    public static partial void Listening(this ILogger logger, string role, string endPoint);

    /// <param name="logger">The log.</param>
    /// <param name="name">The setting, as in the configuration: <c>limits.maxConnections</c>.</param>
    /// <param name="value">What it came to.</param>
    /// <param name="formula">Where it comes from: <c>(65536 descriptors - 512 reserved) / 6</c>.</param>
    [LoggerMessage(102, LogLevel.Information, "{Name} = {Value}: {Formula}")]
    public static partial void Limit(this ILogger logger, string name, long value, string formula);

    [LoggerMessage(103, LogLevel.Warning, ".NET {Runtime} is older than {Fixed}, which fixes: {Defects}. Update the runtime")]
    public static partial void RuntimeOutdated(this ILogger logger, string runtime, string @fixed, string defects);

    [LoggerMessage(104, LogLevel.Critical, "cannot start: {Reason}")]
    public static partial void CannotStart(this ILogger logger, string reason);

    [LoggerMessage(200, LogLevel.Information, "ready")]
    public static partial void Ready(this ILogger logger);

    [LoggerMessage(201, LogLevel.Warning, "not ready: {Reasons}")]
    public static partial void NotReady(this ILogger logger, string reasons);

    [LoggerMessage(400, LogLevel.Information, "draining on {Signal}: {Active} connection(s) open, at most {Seconds} s")]
    public static partial void DrainStarted(this ILogger logger, string signal, long active, double seconds);

    [LoggerMessage(401, LogLevel.Information, "draining: {Active} connection(s) open, {Seconds} s left")]
    public static partial void DrainProgress(this ILogger logger, long active, double seconds);

    [LoggerMessage(402, LogLevel.Information,
        "drained in {Seconds} s: {Completed} connection(s) ended by themselves, {Closed} closed idle, {Reset} reset at the deadline")]
    public static partial void DrainFinished(this ILogger logger, double seconds, long completed, long closed, long reset);

    [LoggerMessage(500, LogLevel.Warning, "out of descriptors or memory: accepting was put off {Count} time(s) in the last minute; "
        + "raise RLIMIT_NOFILE (ulimit -n) or lower limits.maxConnections")]
    public static partial void AcceptsBackedOff(this ILogger logger, long count);

    [LoggerMessage(501, LogLevel.Warning, "event loop {Loop} stood still for {Milliseconds} ms; every connection on it waited")]
    public static partial void LoopStalled(this ILogger logger, int loop, long milliseconds);

    [LoggerMessage(600, LogLevel.Warning, "probe failed: {Reason}")]
    public static partial void CaptureProbeFailed(this ILogger logger, string reason);

    [LoggerMessage(601, LogLevel.Information, "probe succeeded: {Proof}")]
    public static partial void CaptureProbeSucceeded(this ILogger logger, string proof);

    [LoggerMessage(700, LogLevel.Warning, "access log {Path} refuses lines: {Reason}; {Lost} line(s) lost since the last such message")]
    public static partial void AccessLogFailed(this ILogger logger, string path, string reason, long lost);

    /// <param name="logger">The log.</param>
    /// <param name="id">As in the access log.</param>
    /// <param name="exception">What the handler did not expect.</param>
    [LoggerMessage(800, LogLevel.Error, "connection {Id} ended by a defect in the proxy")]
    public static partial void ConnectionFailed(this ILogger logger, string id, Exception exception);

    /// <param name="logger">The log.</param>
    /// <param name="summary">Who we are, until when, and how many certificates and lists came with it.</param>
    [LoggerMessage(900, LogLevel.Information, "identity loaded: {Summary}")]
    public static partial void IdentityLoaded(this ILogger logger, string summary);

    /// <inheritdoc cref="IdentityLoaded"/>
    [LoggerMessage(901, LogLevel.Information,
        "identity rotated to generation {Generation}: {Summary}; established connections keep the session they have")]
    public static partial void IdentityRotated(this ILogger logger, int generation, string summary);

    [LoggerMessage(902, LogLevel.Warning, "the identity's files are refused, {InForce}: {Reason}")]
    public static partial void IdentityRefused(this ILogger logger, string inForce, string reason);

    [LoggerMessage(903, LogLevel.Information, "the identity's files are again those of generation {Generation}, which is in force")]
    public static partial void IdentityUnchanged(this ILogger logger, int generation);

    [LoggerMessage(904, LogLevel.Warning,
        "our certificate expires at {NotAfter}, in {Left}, and has not been renewed; see to whoever writes {File}")]
    public static partial void IdentityExpiresSoon(this ILogger logger, string notAfter, string left, string file);

    [LoggerMessage(905, LogLevel.Error, "our certificate expired at {NotAfter}: peers refuse us; renew {File}")]
    public static partial void IdentityExpired(this ILogger logger, string notAfter, string file);

    [LoggerMessage(906, LogLevel.Warning,
        "the {Kind} {Name} expires at {NotAfter}, in {Left}; have its successor in every bundle before anything is issued by it")]
    public static partial void AuthorityExpiresSoon(this ILogger logger, string kind, string name, string notAfter, string left);

    [LoggerMessage(907, LogLevel.Warning, "the {Kind} {Name} expired at {NotAfter} and vouches for nobody any more; remove it")]
    public static partial void AuthorityExpired(this ILogger logger, string kind, string name, string notAfter);

    [LoggerMessage(908, LogLevel.Warning, "the identity's files cannot all be watched and are re-read every 60 s instead: {Failure}")]
    public static partial void IdentityNotWatched(this ILogger logger, string failure);

    [LoggerMessage(910, LogLevel.Warning,
        "{Count} live connection(s) cut off: identity generation {Generation} does not believe their peers any more")]
    public static partial void PeersDistrusted(this ILogger logger, int count, int generation);

    /// <param name="logger">The log.</param>
    /// <param name="closed">Denied now, and closed.</param>
    /// <param name="affected">Looked at again because the change may concern them.</param>
    /// <param name="live">Inbound connections there were.</param>
    [LoggerMessage(940, LogLevel.Warning,
        "policy has changed: {Closed} live connection(s) closed of {Affected} judged again, {Live} were open; the access log names each with its rule")]
    public static partial void PolicyClosedConnections(this ILogger logger, int closed, int affected, int live);

    /// <inheritdoc cref="PolicyClosedConnections"/>
    [LoggerMessage(941, LogLevel.Warning,
        "policy has changed: {Denied} live connection(s) are denied now and kept, because mesh.onPolicyChange is keep; {Affected} judged again, {Live} open")]
    public static partial void PolicyKeptConnections(this ILogger logger, int denied, int affected, int live);
}
