using L4Proxy.Configuration;
using L4Proxy.Core.Resources;
using L4Proxy.Telemetry;
using L4Proxy.Watching;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Resources;

/// <summary>
/// Resources from files, followed as they change. A good set replaces the one in force as a whole; one with any error changes nothing
/// and is reported once.
/// </summary>
internal sealed class FileMeshSource : IMeshSource
{
    private readonly ProxyOptions _options;
    private readonly string _path;
    private readonly LocalWorkload _workload;
    private readonly ResourceLoader _loader;
    private readonly Readiness.Condition _readiness;
    private readonly TimeProvider _time;
    private readonly ResourceLog _log;
    private readonly Lock _lock = new();
    private volatile LoadedResources? _inForce;
    private volatile RefusedResources? _refused;
    private FileChangeSignal? _signal;
    private Action<MeshModel, MeshModel> _changed = (_, _) => { };
    private ContentHash? _judged;
    private long _applied;
    private long _rejected;
    private bool _disposed;

    /// <param name="options">Checked, with mesh.resources.</param>
    /// <param name="readiness">Gets a condition of its own.</param>
    public FileMeshSource(ProxyOptions options, Readiness readiness, TimeProvider time, ILogger logger)
    {
        _options = options;
        _path = options.Mesh.Resources;
        _workload = MeshModels.WorkloadOf(options);
        _loader = new ResourceLoader(_path, _workload, time);
        _readiness = readiness.Add("resources", "not loaded yet");
        _time = time;
        _log = new ResourceLog(logger);
    }

    public MeshModel Current => _inForce?.Model ?? MeshModel.Empty;

    /// <summary>What <see cref="Current"/> was made from; null before the start.</summary>
    public LoadedResources? InForce => _inForce;

    /// <summary>What is on disk, if it was refused.</summary>
    public RefusedResources? Refused => _refused;

    /// <summary>Sets taken, the first included.</summary>
    public long Applied => Interlocked.Read(ref _applied);

    /// <summary>Sets refused.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Whether what is in force is what the files say.</summary>
    public bool IsUpToDate => _refused is null && _inForce is not null;

    /// <exception cref="ResourcesRefusedException">What is there now is not good. Nothing is followed then.</exception>
    public void Start(Action<MeshModel, MeshModel> changed)
    {
        _changed = changed;
        Look(readEverything: true);
        if (_refused is { } refused)
        {
            throw new ResourcesRefusedException(_path, refused.Errors);
        }
        _signal = FileChangeSignal.Below(_path, _time, () => Look(readEverything: false), () => Look(readEverything: true));
        if (_signal.WatchFailure is { } failure)
        {
            _log.NotWatched(_path, failure);
        }
        // They may have changed between the first reading and the watch.
        _signal.Request();
    }

    public void Refresh() => _ = Task.Run(() => Look(readEverything: true));

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }
        _signal?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Look(bool readEverything)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }
            try
            {
                var load = _loader.Load(readEverything);
                if (load.Fingerprint != _judged)
                {
                    _judged = load.Fingerprint;
                    Judge(load);
                }
            }
            catch (Exception defect)
            {
                // Files come from outside, and this is a timer's thread: whatever they do to a parser must not end the process.
                _log.Defect(_path, defect);
                Refuse([new ConfigurationError(_path, 0, 0, "", $"could not be judged, which is a defect of l4proxy: {defect.Message}; see the process log")]);
            }
        }
    }

    private void Judge(ResourceLoad load)
    {
        var before = _inForce;
        if (before is not null && before.Load.Fingerprint == load.Fingerprint)
        {
            _log.Unchanged(_path, before.Model.Generation);
        }
        else
        {
            var set = ResourceJudge.Judge(load, _workload);
            if (!set.Errors.IsEmpty)
            {
                Refuse(set.Errors);
                return;
            }
            _inForce = new LoadedResources(load, set, MeshModels.Build(set, _options, before?.Model));
            Interlocked.Increment(ref _applied);
            _log.Loaded(_path, Current.Generation, ResourceChanges.Between(before?.Load, load), set);
        }
        _refused = null;
        _readiness.Ok();
        if (_inForce != before)
        {
            Follow(before?.Model ?? MeshModel.Empty, Current);
        }
    }

    private void Follow(MeshModel before, MeshModel after)
    {
        try
        {
            _changed(before, after);
        }
        catch (Exception defect)
        {
            // What is in force is in force; to call it refused would be untrue.
            _log.FollowerFailed(_path, defect);
        }
    }

    private void Refuse(System.Collections.Immutable.ImmutableArray<ConfigurationError> errors)
    {
        _refused = new RefusedResources(_time.GetUtcNow(), errors);
        Interlocked.Increment(ref _rejected);
        if (_inForce is not { } inForce)
        {
            // At the start: whoever started us says them all.
            _readiness.Failing($"the resources are refused: {errors[0]}");
            return;
        }
        _log.Refused(_path, errors, inForce.Model.Generation);
        // Still ready: the last good set is in force, and a bad edit must not take a working pod out of service.
        _readiness.Ok($"the resources on disk are refused since {_refused.At:O}: {errors[0]}; generation {inForce.Model.Generation} stays in force");
    }
}
