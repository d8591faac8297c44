using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Telemetry;

/// <summary>
/// The process log: one line of plain text per message, <c>2026-11-20T23:10:00.123Z warn  capture: probe failed: …</c>, where the word
/// before the colon is the logger's category. Written at once, but by the log's own thread: an event loop may log too, and
/// nobody promises that anyone reads our stderr.
/// </summary>
internal sealed class ProcessLogProvider : ILoggerProvider
{
    // 1 MiB of lines in waiting is far more than a person reads.
    private const int CapacityBytes = 1024 * 1024;

    // Characters of the message, and again of the exception: together below a batch even at 3 bytes each.
    private const int LongestText = 8 * 1024;
    private readonly LineWriter _lines;
    private readonly TimeProvider _time;

    public ProcessLogProvider()
        : this("/dev/stderr", TimeProvider.System)
    {
    }

    internal ProcessLogProvider(string path, TimeProvider time)
    {
        _lines = new LineWriter(path,
            new LineWriterSettings { ThreadName = "process-log", CapacityBytes = CapacityBytes, FlushDelayMilliseconds = 0 });
        _time = time;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() => _lines.Dispose();

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder(128);
        line.Append(CultureInfo.InvariantCulture,
            $"{_time.GetUtcNow().UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Word(level),-5} {category}: ");
        AppendOnOneLine(line, message);
        if (exception is not null)
        {
            line.Append(" | ");
            AppendOnOneLine(line, exception.ToString());
        }
        line.Append('\n');
        _lines.Append(Encoding.UTF8.GetBytes(line.ToString()));
    }

    // Text from a file or a peer must not be able to forge a line, or to send escape sequences to someone's terminal.
    private static void AppendOnOneLine(StringBuilder line, string text)
    {
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, LongestText)).TrimEnd().EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                line.Append(" | ");
            }
            else if (!Rune.IsControl(rune))
            {
                line.Append(rune);
            }
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "crit",
    };

    private sealed class Logger(ProcessLogProvider log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }
}
