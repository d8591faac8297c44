using L4Proxy.Watching;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Configuration;

/// <summary>
/// Keeps the running options in step with the file. A good change is applied, a bad file changes nothing and is reported once;
/// content that was already judged is not judged again. Thread-safe.
/// </summary>
internal sealed class ConfigurationWatcher : IDisposable
{
    private readonly string _path;
    private readonly Func<string, string?> _environment;
    private readonly long _openFiles;
    private readonly Action<ConfigurationReload> _apply;
    private readonly Action<ConfigurationState> _judgedNew;
    private readonly TimeProvider _time;
    private readonly ConfigurationLog _log;
    private readonly FileChangeSignal _signal;
    private readonly Lock _lock = new();
    private volatile ConfigurationState _state;
    private string _judged;
    private bool _disposed;

    /// <param name="started">What the process was started with: the successful result for the same path.</param>
    /// <param name="apply">
    /// Called for every good change, one call at a time, on a timer's thread. It must put the options in force before it returns; if
    /// it throws, the change counts as refused.
    /// </param>
    /// <param name="judged">Called after every new content, good or bad, with what became of it.</param>
    /// <exception cref="ArgumentException"><paramref name="started"/> has no options.</exception>
    public ConfigurationWatcher(
        string path,
        ConfigurationResult started,
        Func<string, string?> environment,
        Action<ConfigurationReload> apply,
        TimeProvider time,
        ILogger<ConfigurationWatcher> logger,
        Action<ConfigurationState> judged)
    {
        var options = started.Options
            ?? throw new ArgumentException("a proxy cannot have been started with a refused configuration", nameof(started));
        _path = path;
        _environment = environment;
        _openFiles = OpenFilesLimit.Read();
        _apply = apply;
        _judgedNew = judged;
        _time = time;
        _log = new ConfigurationLog(logger);
        _judged = started.Fingerprint!;
        _state = new ConfigurationState(options, _judged, time.GetUtcNow(), PendingRestart: [], LastError: null, Applied: 0, Refused: 0);
        _signal = new FileChangeSignal([path], time, Look);
        if (_signal.WatchFailure is { } failure)
        {
            _log.NotWatched(path, failure);
        }
        // The file may have changed between its first reading and the watch.
        _signal.Request();
    }

    /// <summary>What runs now, and the file that does not.</summary>
    public ConfigurationState State => _state;

    /// <summary>For SIGHUP: looks at the file within a moment instead of within a minute.</summary>
    public void RequestReload() => _signal.Request();

    /// <summary>After this returns no change is applied any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }
        _signal.Dispose();
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }
            var file = ConfigurationFile.Read(_path);
            var content = file.Fingerprint ?? file.Error!.Message;
            if (content != _judged)
            {
                _judged = content;
                Judge(file);
                _judgedNew(_state);
            }
        }
    }

    private void Judge(ConfigurationFile file)
    {
        var result = ConfigurationLoader.Parse(file, _environment, _openFiles, File.Exists);
        if (result.Options is not { } loaded)
        {
            Refuse(result.Errors);
            return;
        }
        var running = _state.Options;
        var merged = ConfigurationChange.Apply(running, loaded);
        if (ConfigurationLoader.Check(merged, _path, _openFiles) is { Count: > 0 } clashes)
        {
            // The file is good in itself, but its live keys do not fit those that wait for a restart.
            Refuse([.. clashes.Select(clash => clash with { Message = $"{clash.Message} (with what runs until a restart)" })]);
            return;
        }
        var changes = ConfigurationChange.Between(running, loaded);
        if (changes.Count > 0 && !TryApply(new ConfigurationReload(merged, changes)))
        {
            return;
        }
        _state = _state with
        {
            Options = merged,
            Fingerprint = result.Fingerprint!,
            LoadedAt = _time.GetUtcNow(),
            PendingRestart = [.. changes.Where(change => change.Effect == ChangeEffect.Restart)],
            LastError = null,
            Applied = _state.Applied + 1,
        };
        _log.Applied(_path, changes);
    }

    private bool TryApply(ConfigurationReload reload)
    {
        try
        {
            _apply(reload);
            return true;
        }
        catch (Exception error)
        {
            // A defect in whoever applies: said loudly, but the watch goes on, so that the next file can repair it.
            _log.ApplyFailed(_path, error);
            Refuse([new ConfigurationError(_path, 0, 0, "", $"could not be applied: {error.Message}; see the process log")]);
            return false;
        }
    }

    private void Refuse(IReadOnlyList<ConfigurationError> errors)
    {
        _state = _state with { LastError = new RefusedConfiguration(_time.GetUtcNow(), errors), Refused = _state.Refused + 1 };
        _log.Refused(_path, errors);
    }
}
