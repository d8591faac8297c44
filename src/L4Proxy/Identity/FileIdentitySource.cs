using L4Proxy.Configuration;
using L4Proxy.Telemetry;
using L4Proxy.Watching;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Identity;

/// <summary>
/// Our identity from PEM files, followed as they change. All files are judged together; a set that is not good changes nothing, is
/// reported once, and is looked at again soon, because it may only be half written.
/// </summary>
/// <remarks>Certificates that were replaced are not disposed of: handshakes under way still use them. They are collected.</remarks>
internal sealed class FileIdentitySource : IIdentitySource
{
    /// <summary>A writer between two files is done by then; doubled as long as it does not help.</summary>
    private static readonly TimeSpan _firstRetry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Timers stop at 49 days; a look a day costs nothing.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(1);

    private readonly ProxyOptions _options;
    private readonly IdentityLoader _loader;
    private readonly ExpiryWarnings _warnings;
    private readonly Readiness.Condition _readiness;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _retry;
    private readonly ITimer _expiry;
    private volatile IdentityGeneration? _inForce;
    private FileChangeSignal? _signal;
    private Action<WorkloadIdentity> _changed = _ => { };
    private string _judged = "";
    private RefusedFiles? _refused;
    private TimeSpan _nextRetry;
    private long _applied;
    private long _rejected;
    private bool _disposed;

    /// <param name="options">Checked, with files as source.</param>
    /// <param name="readiness">Gets a condition of its own.</param>
    public FileIdentitySource(ProxyOptions options, Readiness readiness, TimeProvider time, ILogger logger)
    {
        _options = options;
        _loader = new IdentityLoader(options);
        _warnings = new ExpiryWarnings(options.Identity.Certificate, logger);
        _readiness = readiness.Add("identity", "not loaded yet");
        _time = time;
        _logger = logger;
        _retry = time.CreateTimer(_ => Look(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _expiry = time.CreateTimer(_ => Look(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public WorkloadIdentity? Current => _inForce?.Identity;

    /// <summary>What <see cref="Current"/> is part of.</summary>
    public IdentityGeneration? InForce => _inForce;

    /// <summary>Sets of files taken, the first included.</summary>
    public long Applied => Interlocked.Read(ref _applied);

    /// <summary>Sets of files refused.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Whether what is in force is what the files say.</summary>
    public bool IsUpToDate => Volatile.Read(ref _refused) is null && _inForce is not null;

    private DateTime UtcNow => _time.GetUtcNow().UtcDateTime;

    public void Start(Action<WorkloadIdentity> changed)
    {
        _changed = changed;
        Look();
        _signal = new FileChangeSignal(IdentityFiles.Paths(_options.Identity), _time, Look);
        if (_signal.WatchFailure is { } failure)
        {
            _logger.IdentityNotWatched(failure);
        }
        // They may have changed between the first reading and the watch.
        _signal.Request();
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }
        _signal?.Dispose();
        _retry.Dispose();
        _expiry.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }
            var files = IdentityFiles.Read(_options.Identity);
            var isNew = files.Fingerprint != _judged;
            if (isNew || UtcNow >= _refused?.ValidFrom)
            {
                _judged = files.Fingerprint;
                Judge(files);
            }
            LookAgain(isNew);
            Report();
        }
    }

    private void Judge(IdentityFiles files)
    {
        if (_inForce is { } inForce && inForce.Fingerprint == files.Fingerprint)
        {
            _refused = null;
            _logger.IdentityUnchanged(inForce.Identity.Generation);
            return;
        }
        var result = Load(files);
        if (result.Generation is not { } generation)
        {
            _refused = new RefusedFiles(UtcNow, result.Problems[0], result.ValidFrom);
            Interlocked.Increment(ref _rejected);
            foreach (var problem in result.Problems)
            {
                _logger.IdentityRefused(InForceInWords, problem);
            }
            return;
        }
        _refused = null;
        _inForce = generation;
        Interlocked.Increment(ref _applied);
        if (generation.Identity.Generation == 1)
        {
            _logger.IdentityLoaded(generation.Summary);
        }
        else
        {
            _logger.IdentityRotated(generation.Identity.Generation, generation.Summary);
        }
        _changed(generation.Identity);
    }

    private IdentityResult Load(IdentityFiles files)
    {
        try
        {
            return _loader.Load(files, (_inForce?.Identity.Generation ?? 0) + 1, UtcNow);
        }
        catch (Exception defect)
        {
            // Files come from outside, and this is a timer's thread: whatever they do to a parser must not end the process.
            return new IdentityResult(null, [$"the files could not be judged, which is a defect of l4proxy: {defect}"], ValidFrom: null);
        }
    }

    /// <summary>Sets the timers: for files that are refused, and for the next thing that time alone will bring.</summary>
    private void LookAgain(bool isNew)
    {
        _nextRetry = isNew ? _firstRetry : TimeSpan.FromTicks(Math.Min(2 * _nextRetry.Ticks, _longestRetry.Ticks));
        _retry.Change(_refused is null ? Timeout.InfiniteTimeSpan : _nextRetry, Timeout.InfiniteTimeSpan);

        var warning = _inForce is { } inForce ? _warnings.Check(inForce, UtcNow) : null;
        DateTime?[] instants = [warning, _refused?.ValidFrom];
        _expiry.Change(
            instants.Where(instant => instant > UtcNow).Select(instant => instant!.Value - UtcNow).Append(_longestWait).Min(), Timeout.InfiniteTimeSpan);
    }

    private void Report()
    {
        var refusal = _refused is { } refused ? $"the files are refused since {refused.Since:O}: {refused.Problem}" : null;
        if (_inForce is not { } inForce)
        {
            _readiness.Failing(refusal ?? "not loaded yet");
        }
        else if (UtcNow >= inForce.Identity.NotAfter)
        {
            _readiness.Failing($"our certificate or its issuer expired at {Words.Time(inForce.Identity.NotAfter)}, renew it" + (refusal is null ? "" : $"; {refusal}"));
        }
        else
        {
            // Still ready: the last good set is in force, and a bad write must not take a working pod out of service.
            _readiness.Ok(refusal is null ? null : $"{refusal}; {InForceInWords}");
        }
    }

    private string InForceInWords => _inForce is { } inForce
        ? $"generation {inForce.Identity.Generation} stays in force until {Words.Time(inForce.Identity.NotAfter)}"
        : "and there is no identity yet, so TLS is refused";

    /// <summary>Files that were not taken over, and since when.</summary>
    private sealed record RefusedFiles(DateTime Since, string Problem, DateTime? ValidFrom);
}
