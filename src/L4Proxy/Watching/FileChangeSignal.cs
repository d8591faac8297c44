namespace L4Proxy.Watching;

/// <summary>
/// Says "look at the file now": soon after something touched it (inotify), when asked to, and every minute in any case, because
/// inotify misses what happens behind symlinks and on network file systems.
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
    private readonly FileSystemWatcher? _inotify;
    private readonly Lock _lock = new();
    private long _firstRequest;
    private bool _requested;

    /// <param name="look">Called on a timer's thread, possibly twice at the same time.</param>
    public FileChangeSignal(string path, TimeProvider time, Action look)
    {
        _time = time;
        _soon = time.CreateTimer(_ =>
        {
            lock (_lock)
            {
                _requested = false;
            }
            look();
        }, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _regularly = time.CreateTimer(_ => look(), state: null, _interval, _interval);
        (_inotify, WatchFailure) = Watch(path);
    }

    /// <summary>Why there is no inotify watch (no instances left, usually); null when there is one.</summary>
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
        _inotify?.Dispose();
        _soon.Dispose();
        _regularly.Dispose();
    }

    /// <summary>
    /// Watches the directory, not the file: editors replace the file by a rename, and Kubernetes swaps the symlink <c>..data</c>
    /// beside it, neither of which touches the inode that a watch on the file would hold.
    /// </summary>
    private (FileSystemWatcher? Watcher, string? Failure) Watch(string path)
    {
        var full = Path.GetFullPath(path);
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(Path.GetDirectoryName(full)!);
            watcher.Filters.Add(Path.GetFileName(full));
            watcher.Filters.Add("..data");
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
