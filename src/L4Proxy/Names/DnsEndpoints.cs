using System.Collections.Immutable;
using System.Net;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Names;

/// <summary>
/// Keeps the addresses of every name that the registry in force needs: asks as soon as a name is needed and again when its time to live is
/// over. A failed look-up takes nothing away: the last addresses stay in use and the name is asked again soon, however long that lasts.
/// </summary>
/// <remarks>All of it on timers and pool threads; whoever calls only waits for a short lock.</remarks>
internal sealed class DnsEndpoints : IDisposable
{
    private const int MaxInFlight = 8;

    /// <summary>Answers are kept as long as they say, within reason: 0 would mean always asking, a day never hearing of a failover.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Part of a wait that is left to chance, so that the proxies of a mesh do not ask in step.</summary>
    private const double Jitter = 0.1;

    private readonly StubResolver _resolver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PriorityQueue<ResolvedName, TimeSpan> _due = new();
    private readonly long[] _lookups = new long[Enum.GetValues<DnsResult>().Length];
    private Dictionary<string, ResolvedName> _names = new(StringComparer.Ordinal);
    private Action<string, ImmutableArray<IPAddress>> _resolved = (_, _) => { };
    private int _inFlight;

    public DnsEndpoints(StubResolver resolver, TimeProvider time, Instruments instruments, ILogger logger)
    {
        (_resolver, _time, _logger, _started) = (resolver, time, logger, time.GetTimestamp());
        _timer = time.CreateTimer(_ => Pump(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        DnsMetrics.AddTo(instruments, this);
    }

    /// <summary>From now on the names of this registry and no others. It is told at once what is known, and later whatever is new.</summary>
    /// <param name="names">Lower case. Those that nobody has looked up yet are looked up now, the others as they were due.</param>
    /// <param name="resolved">Called on any thread, one call at a time, with all addresses of a name; at least one.</param>
    public void Follow(IReadOnlyCollection<string> names, Action<string, ImmutableArray<IPAddress>> resolved)
    {
        lock (_lock)
        {
            _resolved = resolved;
            var before = _names;
            _names = new(names.Count, StringComparer.Ordinal);
            foreach (var text in names)
            {
                if (before.Remove(text, out var known))
                {
                    _names.Add(text, known);
                    Tell(known);
                }
                else if (_names.TryAdd(text, known = new ResolvedName(text)))
                {
                    _due.Enqueue(known, Now);
                }
            }
            foreach (var unneeded in before.Values)
            {
                unneeded.IsNeeded = false;
            }
        }
        Pump();
    }

    /// <summary>Look-ups that have ended so.</summary>
    public long Lookups(DnsResult result)
    {
        lock (_lock)
        {
            return _lookups[(int)result];
        }
    }

    /// <summary>Names that are in this state now.</summary>
    public int Names(NameState state)
    {
        lock (_lock)
        {
            return _names.Values.Count(name => name.State == state);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _timer.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    /// <summary>Starts what is due, as far as there is room, and sets the timer for the next.</summary>
    private void Pump()
    {
        lock (_lock)
        {
            while (_inFlight < MaxInFlight && !_stopping.IsCancellationRequested && _due.TryPeek(out var name, out var due))
            {
                if (name.IsNeeded && due > Now)
                {
                    _timer.Change(due - Now, Timeout.InfiniteTimeSpan);
                    return;
                }
                _due.Dequeue();
                if (name.IsNeeded)
                {
                    _inFlight++;
                    _ = Task.Run(() => LookUpAsync(name));
                }
            }
        }
    }

    private async Task LookUpAsync(ResolvedName name)
    {
        DnsAnswer answer;
        try
        {
            answer = await _resolver.ResolveAsync(name.Text, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception defect)
        {
            // Answers come from outside, and nobody awaits this: whatever they do to a parser must not cost the name its next look-up.
            answer = DnsAnswer.Failed(DnsResult.ServFail, $"a defect of l4proxy: {defect}");
        }
        lock (_lock)
        {
            _inFlight--;
            _lookups[(int)answer.Result]++;
            if (name.IsNeeded)
            {
                Take(name, answer);
            }
        }
        Pump();
    }

    /// <summary>In the lock: keeps what was learned, tells it, and says when to ask again.</summary>
    private void Take(ResolvedName name, DnsAnswer answer)
    {
        var wait = answer.Result == DnsResult.Resolved
            ? answer.TimeToLive < _shortest ? _shortest : answer.TimeToLive > _longest ? _longest : answer.TimeToLive
            : TimeSpan.FromTicks(Math.Min(_firstRetry.Ticks << Math.Min(name.Failures, 10), _longestRetry.Ticks));
        if (answer.Result != DnsResult.Resolved)
        {
            if (name.Failures++ == 0)
            {
                _logger.NameFailed(name.Text, answer.Result.Label(), answer.Detail ?? "", name.Addresses.Length);
            }
        }
        else
        {
            if (name.Failures > 0)
            {
                _logger.NameIsBack(name.Text, name.Failures);
            }
            name.Failures = 0;
            // Of a family about which nobody said anything the last addresses are still the best there are.
            var addresses = answer.Missing is { } family
                ? answer.Addresses.AddRange(name.Addresses.Where(address => address.AddressFamily == family)) : answer.Addresses;
            if (!name.Has(addresses))
            {
                name.Addresses = addresses;
                Tell(name);
            }
        }
        _due.Enqueue(name, Now + wait * (1 - Random.Shared.NextDouble() * Jitter));
    }

    private void Tell(ResolvedName name)
    {
        if (!name.Addresses.IsEmpty)
        {
            _resolved(name.Text, name.Addresses);
        }
    }
}
