using System.Globalization;
using System.Security.Cryptography;
using L4Proxy.Core.Connections;
using L4Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Telemetry;

/// <summary>
/// One JSON line per accepted connection, at its end. Any thread may write; none ever waits: see <see cref="LineWriter"/> for what
/// happens when the sink is slow or fails.
/// </summary>
/// <remarks>
/// A connection's id is <c>instance-number</c>: ten letters drawn at random when the process starts, and the record's own number.
/// 50 random bits keep ids apart across restarts and across the pods of a mesh (a million starts: one chance in two thousand that
/// any two share the letters).
/// </remarks>
internal sealed class AccessLog : IDisposable
{
    // Crockford's base 32: no letter that can be taken for another.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int InstanceLetters = 10;

    [ThreadStatic] private static AccessLogLine? _line;
    private readonly LineWriter _lines;
    private readonly string _instance;
    private readonly TimeProvider _time;
    private readonly Func<long> _ticks;

    /// <param name="lines">Where the lines go; owned, and disposed of with this log.</param>
    /// <param name="instance">The first part of every id.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="ticks">The clock of the records: monotonic microseconds.</param>
    internal AccessLog(LineWriter lines, string instance, TimeProvider time, Func<long> ticks)
    {
        _lines = lines;
        _instance = instance;
        _time = time;
        _ticks = ticks;
    }

    /// <summary>Lines lost: the queue was full or the sink refused them.</summary>
    public long Dropped => _lines.Dropped;

    public long WriteErrors => _lines.WriteErrors;

    /// <summary>Opens the log of a running proxy.</summary>
    /// <param name="path"><c>/dev/stdout</c>, <c>/dev/stderr</c>, or a file or FIFO, which
    /// is appended to and created with mode 0640.</param>
    /// <param name="logger">Hears of a failing sink, at most once a minute.</param>
    /// <exception cref="IOException">The path cannot be opened.</exception>
    public static AccessLog Open(string path, ILogger logger)
    {
        var lines = new LineWriter(path, new LineWriterSettings { ThreadName = "access-log", OnFailure = logger.AccessLogFailed });
        return new AccessLog(lines, RandomNumberGenerator.GetString(Alphabet, InstanceLetters),
            TimeProvider.System, static () => Monotonic.Microseconds);
    }

    /// <summary>The id a connection has in this log, for a message elsewhere that belongs to it.</summary>
    public string IdOf(ConnectionRecord record) => string.Create(CultureInfo.InvariantCulture, $"{_instance}-{record.Id}");

    /// <summary>Writes the line of a closed record.</summary>
    public void Write(ConnectionRecord record)
    {
        // The record only has monotonic ticks. Going back from now, instead of on from the start, follows a wall clock that is set
        // while we run, and needs no state.
        var closedAt = _time.GetUtcNow().UtcDateTime.AddMicroseconds(Math.Min(0, record.ClosedAt - _ticks()));
        _line ??= new AccessLogLine();
        _lines.Append(_line.Format(record, closedAt, _instance));
    }

    /// <summary>Opens the path again after the file was renamed. Returns at once; no line is lost or split.</summary>
    public void Reopen() => _lines.Reopen();

    public void AddTo(Instruments instruments)
    {
        instruments.AddCounter("l4proxy_access_log_dropped_total", null, "Access log lines lost: the sink was too slow or refused them.",
            () => Dropped);
        instruments.AddCounter("l4proxy_access_log_write_errors_total", null, "Writes to the access log that failed.",
            () => WriteErrors);
    }

    public void Dispose() => _lines.Dispose();
}
