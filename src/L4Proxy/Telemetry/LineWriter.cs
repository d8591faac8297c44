using L4Proxy.Transport.Native;

namespace L4Proxy.Telemetry;

/// <summary>
/// Takes whole lines from any thread and has one thread of its own write them in batches. A caller copies its line under a lock held
/// for nanoseconds and never waits for the sink: when more than the capacity waits to be written, lines are dropped and counted.
/// </summary>
/// <remarks>Nothing wakes up while there is nothing to write. A sink that fails costs lines, never the process.</remarks>
internal sealed class LineWriter : IDisposable
{
    // Kept for reuse; what a burst needed beyond this goes back to the GC.
    private const int SpareBatches = 4;
    private const long ReportEveryMilliseconds = 60_000;
    private const int RetryMilliseconds = 100;

    private readonly object _gate = new();
    private readonly Queue<LineBatch?> _sealed = new(); // null: open the path again before going on
    private readonly Stack<LineBatch> _spare = new();
    private readonly string _path;
    private readonly LineWriterSettings _settings;
    private readonly Thread _thread;
    private AppendDescriptor _sink;
    private LineBatch _current = new();
    private long _pendingBytes;
    private long _dropped;
    private long _writeErrors;
    private long _stopAt = long.MaxValue;
    private bool _tornLine;
    private long _reportedAt = -ReportEveryMilliseconds;
    private long _droppedSinceReport;

    /// <exception cref="IOException">The sink cannot be opened.</exception>
    public LineWriter(string path, LineWriterSettings settings)
    {
        _path = path;
        _settings = settings;
        _sink = AppendDescriptor.Open(path, out var errno)
            ?? throw new IOException($"cannot open {path} for appending: {Errno.Describe(errno)}");
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = settings.ThreadName };
        _thread.Start();
    }

    /// <summary>Lines that were lost: the queue was full, the sink refused them, or they came after the end.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Writes (and re-openings) that failed.</summary>
    public long WriteErrors => Interlocked.Read(ref _writeErrors);

    /// <summary>Bytes taken and not yet written.</summary>
    public long PendingBytes => Interlocked.Read(ref _pendingBytes);

    /// <summary>Takes one line, its newline included.</summary>
    /// <returns>False if it was dropped.</returns>
    public bool Append(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_pendingBytes + line.Length > _settings.CapacityBytes || line.Length > LineBatch.Capacity || _stopAt != long.MaxValue)
            {
                Interlocked.Increment(ref _dropped);
                return false;
            }
            if (!_current.Fits(line.Length))
            {
                Seal();
            }
            if (_current.IsEmpty)
            {
                _current.DueAt = Environment.TickCount64 + _settings.FlushDelayMilliseconds;
                Monitor.Pulse(_gate);
            }
            _current.Add(line);
            Interlocked.Add(ref _pendingBytes, line.Length);
            return true;
        }
    }

    /// <summary>
    /// Opens the path again, for a log that was renamed. Lines taken before this call go to the old file,
    /// later ones to the new.
    /// </summary>
    public void Reopen()
    {
        lock (_gate)
        {
            Seal();
            _sealed.Enqueue(null);
        }
    }

    /// <summary>Writes what is left, for as long as the grace period allows; what is left then is dropped and counted.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopAt != long.MaxValue)
            {
                return;
            }
            Volatile.Write(ref _stopAt, Environment.TickCount64 + _settings.GraceMilliseconds);
            Monitor.Pulse(_gate);
        }
        // A standard descriptor may hold the thread inside write(2); the process ends without it then.
        if (_thread.Join(_settings.GraceMilliseconds + (2 * RetryMilliseconds)))
        {
            _sink.Dispose();
        }
    }

    private void Seal()
    {
        if (!_current.IsEmpty)
        {
            _sealed.Enqueue(_current);
            _current = _spare.TryPop(out var spare) ? spare : new LineBatch();
        }
        Monitor.Pulse(_gate);
    }

    private void Run()
    {
        while (Take(out var batch))
        {
            if (batch is null)
            {
                OpenAgain();
                continue;
            }
            WriteOut(batch.Bytes);
            lock (_gate)
            {
                Interlocked.Add(ref _pendingBytes, -batch.Length);
                batch.Clear();
                if (_spare.Count < SpareBatches)
                {
                    _spare.Push(batch);
                }
            }
        }
    }

    private bool Take(out LineBatch? batch)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_sealed.TryDequeue(out batch))
                {
                    return true;
                }
                var stopping = _stopAt != long.MaxValue;
                var wait = _current.DueAt - Environment.TickCount64;
                if (!_current.IsEmpty && (stopping || wait <= 0))
                {
                    Seal();
                }
                else if (stopping)
                {
                    return false;
                }
                else
                {
                    Monitor.Wait(_gate, _current.IsEmpty ? Timeout.Infinite : (int)wait);
                }
            }
        }
    }

    private void WriteOut(ReadOnlySpan<byte> rest)
    {
        if (_tornLine)
        {
            // The sink took half a line before it failed. Ending it costs one bad line; going on would spoil a good one too.
            _tornLine = _sink.Write("\n"u8, out _) != 0;
        }
        while (!rest.IsEmpty)
        {
            var errno = _sink.Write(rest, out var written);
            _tornLine = written > 0 ? rest[written - 1] != (byte)'\n' : _tornLine;
            rest = rest[written..];
            if (errno == AppendDescriptor.WouldBlock && Environment.TickCount64 < Volatile.Read(ref _stopAt))
            {
                _sink.WaitForRoom(RetryMilliseconds);
            }
            else if (errno is not (0 or AppendDescriptor.Interrupted))
            {
                Failed(errno, rest.Count((byte)'\n'));
                return;
            }
        }
    }

    private void OpenAgain()
    {
        var opened = AppendDescriptor.Open(_path, out var errno);
        if (opened is null)
        {
            // The old file is better than none.
            Failed(errno, lines: 0);
            return;
        }
        _sink.Dispose();
        _sink = opened;
        _tornLine = false;
    }

    private void Failed(int errno, int lines)
    {
        Interlocked.Increment(ref _writeErrors);
        Interlocked.Add(ref _dropped, lines);
        _droppedSinceReport += lines;
        var now = Environment.TickCount64;
        if (now - _reportedAt >= ReportEveryMilliseconds)
        {
            _reportedAt = now;
            _settings.OnFailure?.Invoke(_path, Errno.Describe(errno), _droppedSinceReport);
            _droppedSinceReport = 0;
        }
    }
}
