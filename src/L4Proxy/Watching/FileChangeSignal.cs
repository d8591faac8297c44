namespace L4Proxy.Watching;

/// <summary>
/// Says "look at the files now": soon after something touched one of them (inotify), when asked to, and every minute in any case,
/// because inotify misses what happens behind symlinks and on network file systems.
/// </summary>
internal sealed class FileChangeSignal : IDisposable
{
    /// <summary>A writer that pauses longer than this is taken to be done.</summary>
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>A directory that is never quiet must not put the look off for ever.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly ITimer _soon;
    private readonly ITimer _regularly;
    private readonly Watched[] _watched;
    private readonly FileSystemWatcher?[] _inotify;
    private readonly Lock _lock = new();
    private readonly Lock _watching = new();
    private long _firstRequest;
    private bool _requested;
    private bool _disposed;

    /// <param name="paths">The files, wherever they are.</param>
    /// <param name="look">Called on a timer's thread, possibly twice at the same time.</param>
    public FileChangeSignal(IEnumerable<string> paths, TimeProvider time, Action look)
        : this(
            [
                .. paths.Select(Path.GetFullPath).GroupBy(path => Path.GetDirectoryName(path)!, StringComparer.Ordinal)
                    .Select(group => new Watched(group.Key, [.. group.Select(path => Path.GetFileName(path)!), "..data"])),
            ],
            time, look, look)
    {
    }

    private FileChangeSignal(Watched[] watched, TimeProvider time, Action look, Action lookRegularly)
    {
        _time = time;
        _watched = watched;
        _inotify = new FileSystemWatcher?[_watched.Length];
        _soon = time.CreateTimer(_ =>
        {
            lock (_lock)
            {
                _requested = false;
            }
            look();
        }, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _regularly = time.CreateTimer(_ =>
        {
            // What could not be watched once may be possible now: a directory that is there by now, an instance that came free.
            Watch();
            lookRegularly();
        }, state: null, _interval, _interval);
        WatchFailure = Watch();
    }

    /// <summary>Follows a directory with all below it, or a single file: what is at the path now decides.</summary>
    /// <param name="look">Something was touched.</param>
    /// <param name="lookRegularly">Nothing need have been touched: contents are to be compared.</param>
    public static FileChangeSignal Below(string path, TimeProvider time, Action look, Action lookRegularly)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var self = new Watched(Path.GetDirectoryName(path) ?? path, [Path.GetFileName(path), "..data"]);
        // Whoever replaces the directory itself, or the link to it, touches the one above.
        return new FileChangeSignal(
            Directory.Exists(path) ? [self with { Replaces = 1 }, new Watched(path, Names: [])] : [self], time, look, lookRegularly);
    }

    /// <summary>
    /// Why there was no inotify watch at first (no instances left, usually, or no such directory); null when every directory had one.
    /// </summary>
    public string? WatchFailure { get; }

    /// <summary>Asks for a look once the file has been left alone for a moment.</summary>
    public void Request()
    {
        lock (_lock)
        {
            if (!_requested)
            {
                _requested = true;
                _firstRequest = _time.GetTimestamp();
            }
            var left = _patience - _time.GetElapsedTime(_firstRequest);
            _soon.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left < _quiet ? left : _quiet, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_watching)
        {
            _disposed = true;
            Array.ForEach(_inotify, watcher => watcher?.Dispose());
        }
        _soon.Dispose();
        _regularly.Dispose();
    }

    /// <summary>Watches every directory that is not watched yet.</summary>
    private string? Watch()
    {
        lock (_watching)
        {
            string? failure = null;
            for (var i = 0; i < _watched.Length && !_disposed; i++)
            {
                if (_inotify[i] is null)
                {
                    (_inotify[i], var reason) = Watch(_watched[i]);
                    failure ??= reason;
                }
            }
            return failure;
        }
    }

    /// <summary>
    /// Watches the directory, not the file: editors replace the file by a rename, and Kubernetes swaps the symlink <c>..data</c>
    /// beside it, neither of which touches the inode that a watch on the file would hold.
    /// </summary>
    private (FileSystemWatcher? Watcher, string? Failure) Watch(Watched watched)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(watched.Directory) { IncludeSubdirectories = watched.Names.Length == 0 };
            foreach (var name in watched.Names)
            {
                watcher.Filters.Add(name);
            }
            watcher.Changed += (_, _) => Request();
            watcher.Created += (_, _) => Touched(watched);
            watcher.Deleted += (_, _) => Touched(watched);
            watcher.Renamed += (_, _) => Touched(watched);
            watcher.Error += (_, _) => Touched(watched);
            watcher.EnableRaisingEvents = true;
            return (watcher, null);
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            watcher?.Dispose();
            return (null, error.Message);
        }
    }

    /// <summary>An entry came or went: a watch on it, if there is one, is on what it was, and is made anew.</summary>
    private void Touched(Watched watched)
    {
        if (watched.Replaces is { } index)
        {
            lock (_watching)
            {
                _inotify[index]?.Dispose();
                _inotify[index] = null;
            }
            Watch();
        }
        Request();
    }

    /// <param name="Names">Of its entries; none: all of them, and whatever is in directories below.</param>
    private sealed record Watched(string Directory, string[] Names)
    {
        /// <summary>Which other watch is on one of its entries.</summary>
        public int? Replaces { get; init; }
    }
}
