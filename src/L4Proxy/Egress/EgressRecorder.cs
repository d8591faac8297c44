using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Egress;

/// <summary>
/// Writes down what the workload calls and no service covers, as ServiceEntry resources for people to look through. What it learned before
/// a restart it reads back from the file. Thread-safe.
/// </summary>
internal sealed class EgressRecorder : IDisposable
{
    /// <summary>A workload that calls more different destinations is a crawler, and no list of resources will cover it; about 4 MB of file.</summary>
    public const int MaxDestinations = 10_000;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<EgressDestination, Sightings> _seen = new();
    private readonly EgressFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _writing = new();
    private int _count;
    private long _notKept;
    private int _dirty;
    private string _problem = "";

    private EgressRecorder(EgressFile file, TimeProvider time, ILogger logger)
    {
        (_file, _time, _logger) = (file, time, logger);
        _timer = time.CreateTimer(_ => Write(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reads what is there, and proves that it can be written.</summary>
    /// <param name="path">Of the file; its directory exists.</param>
    /// <exception cref="IOException">It cannot be read or written, or is not what a recorder left there; the message says what would do.</exception>
    public static EgressRecorder Open(string path, TimeProvider time, ILogger logger)
    {
        var file = new EgressFile(path);
        try
        {
            var recorder = new EgressRecorder(file, time, logger);
            if (file.Read() is { } content)
            {
                recorder.Recall(content);
            }
            recorder.Replace();
            return recorder;
        }
        catch (IOException problem)
        {
            throw new IOException($"mesh.learnEgress: {path}: {problem.Message}", problem);
        }
    }

    /// <summary>Counts a connection that no service covers. A look into a table; any thread, and never a wait for the file.</summary>
    /// <param name="destination">Where it went.</param>
    /// <param name="serverName">SNI of its ClientHello; null: none was seen.</param>
    public void Saw(IPEndPoint destination, string? serverName)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var key = EgressDestination.Of(destination, serverName);
        if (!_seen.TryGetValue(key, out var sightings) && !TryAdd(key, new Sightings(now, now, 0), out sightings))
        {
            if (Interlocked.Increment(ref _notKept) == 1)
            {
                _logger.EgressFull(_file.Name, MaxDestinations);
            }
        }
        sightings?.Add(now);
        if (Volatile.Read(ref _dirty) == 0 && Interlocked.Exchange(ref _dirty, 1) == 0)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes what has not been written yet. For the end of a drain.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write();
    }

    private bool TryAdd(EgressDestination key, Sightings added, out Sightings? sightings)
    {
        if (Interlocked.Increment(ref _count) > MaxDestinations)
        {
            Interlocked.Decrement(ref _count);
            sightings = null;
            return false;
        }
        sightings = _seen.GetOrAdd(key, added);
        if (sightings != added)
        {
            // Another thread was first.
            Interlocked.Decrement(ref _count);
        }
        return true;
    }

    private void Recall(byte[] content)
    {
        var known = EgressText.Read(content) ?? throw new IOException(
            "is not as l4proxy wrote it, and what somebody else wrote is never overwritten; "
            + "move it to where you keep resources, or name another file");
        foreach (var (destination, sightings) in known)
        {
            _ = TryAdd(destination, sightings, out _);
        }
    }

    private void Write()
    {
        lock (_writing)
        {
            // Before the numbers are read: whoever counts from now on asks for the next time.
            if (Interlocked.Exchange(ref _dirty, 0) == 0)
            {
                return;
            }
            try
            {
                Replace();
                _problem = "";
            }
            catch (IOException failure)
            {
                if (_problem != failure.Message)
                {
                    _problem = failure.Message;
                    _logger.EgressNotWritten(_file.Name, failure.Message);
                }
                Volatile.Write(ref _dirty, 1);
                _timer.Change(_interval, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Replace()
    {
        if (!_file.TryReplace(EgressText.Write([.. _seen], Interlocked.Read(ref _notKept))))
        {
            throw new IOException("somebody else has written it since, and it is left alone; move it away, and it is written again");
        }
    }
}
