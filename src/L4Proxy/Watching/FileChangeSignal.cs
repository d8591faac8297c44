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
    private readonly (string Directory, HashSet<string> Files)[] _watched;
    private readonly FileSystemWatcher?[] _inotify;
    private readonly Lock _lock = new();
    private readonly Lock _watching = new();
    private long _firstRequest;
    private bool _requested;
    private bool _disposed;

    /// <param name="paths">The files, wherever they are.</param>
    /// <param name="look">Called on a timer's thread, possibly twice at the same time.</param>
    public FileChangeSignal(IEnumerable<string> paths, TimeProvider time, Action look)
    {
        _time = time;
        _watched =
        [
            .. paths.Select(Path.GetFullPath).GroupBy(path => Path.GetDirectoryName(path)!, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal))),
        ];
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
            look();
        }, state: null, _interval, _interval);
        WatchFailure = Watch();
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
                    (_inotify[i], var reason) = Watch(_watched[i].Directory, _watched[i].Files);
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
    private (FileSystemWatcher? Watcher, string? Failure) Watch(string directory, IEnumerable<string> files)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory);
            foreach (var name in files.Append("..data"))
            {
                watcher.Filters.Add(name);
            }
            watcher.Changed += (_, _) => Request();
            watcher.Created += (_, _) => Request();
            watcher.Deleted += (_, _) => Request();
            watcher.Renamed += (_, _) => Request();
            watcher.Error += (_, _) => Request();
            watcher.EnableRaisingEvents = true;
            return (watcher, null);
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            watcher?.Dispose();
            return (null, error.Message);
        }
    }
}
