using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using L4Proxy.Core.Connections;

namespace L4Proxy.Telemetry;

/// <summary>
/// What the proxy says about its connections, in numbers: sums over the counters of every loop. Every series of these metrics is
/// there from the first scrape on, with 0, so that a rate over the first event is right.
/// </summary>
internal sealed class ProxyMetrics : IDisposable
{
    // A scrape reads while the loops count; numbers that do not add up are looked at again. A loop needs nanoseconds between the
    // two additions that belong together, one look takes longer than that, and a real mismatch is still there at the last one.
    private const int MismatchLooks = 16;

    private static readonly Direction[] _directions = Enum.GetValues<Direction>();
    private readonly Func<long> _liveRecords;
    private ImmutableArray<ImmutableArray<ConnectionCounters>> _counters = [.. _directions.Select(_ => ImmutableArray<ConnectionCounters>.Empty)];
    private long _reloadsApplied;
    private long _reloadsRejected;
    private int _lastReloadSucceeded = 1;

    /// <param name="liveRecords">How many connection records are not closed now, counted by whoever holds them and not from these counters.</param>
    public ProxyMetrics(Func<long> liveRecords)
    {
        _liveRecords = liveRecords;
        Instruments.AddCounter("l4proxy_connections_opened_total", null, "Connections accepted.",
            () => PerDirection(counters => counters.Opened));
        Instruments.AddCounter("l4proxy_connections_closed_total", null, "Connections ended, by the reason in the access log.", ClosedByReason);
        Instruments.AddCounter("l4proxy_connections_secured_total", null,
            "Connections that reached their upstream and have ended, by how they were secured.", SplicedBySecurity);
        Instruments.AddUpDownCounter("l4proxy_connections_active", null, "Connections accepted and not yet ended.",
            () => _directions.Select(direction => Measure(Active(direction), direction)));
        Instruments.AddUpDownCounter("l4proxy_connections_half_closed", null, "Active connections of which one side has ended.",
            () => PerDirection(counters => counters.Transfers.HalfClosed));
        Instruments.AddCounter("l4proxy_bytes_total", "By", "Bytes forwarded, counted as they flow.", BytesByFlow);
        Instruments.AddCounter("l4proxy_spliced_bytes_total", "By", "Bytes forwarded through kernel pipes, a part of l4proxy_bytes_total.",
            () => PerDirection(counters => counters.Transfers.Spliced));
        Instruments.AddGauge("l4proxy_accounting_mismatch", null,
            "Live connection records minus active connections. Anything but 0 is a defect in the proxy.", Mismatch);
        Instruments.AddCounter("l4proxy_config_reloads_total", null, "Configuration reloads tried.", Reloads);
        Instruments.AddGauge("l4proxy_config_last_reload_success", null,
            "1 if the configuration in force is the one on disk, 0 if the last reload was rejected.", () => Volatile.Read(ref _lastReloadSucceeded));
        ProcessMetrics.AddTo(Instruments);
    }

    /// <summary>Where other parts add their own numbers.</summary>
    public Instruments Instruments { get; } = new();

    /// <summary>Makes the counters of one loop for one direction. They live as long as the process, so call this at start only.</summary>
    public ConnectionCounters AddCounters(Direction direction)
    {
        var added = new ConnectionCounters();
        ImmutableInterlocked.Update(ref _counters, all => all.SetItem((int)direction, all[(int)direction].Add(added)));
        return added;
    }

    public void ReloadApplied()
    {
        Interlocked.Increment(ref _reloadsApplied);
        Volatile.Write(ref _lastReloadSucceeded, 1);
    }

    public void ReloadRejected()
    {
        Interlocked.Increment(ref _reloadsRejected);
        Volatile.Write(ref _lastReloadSucceeded, 0);
    }

    public void Dispose() => Instruments.Dispose();

    // Closed before opened: a connection that ends in between is then counted as active, and the number never drops below zero.
    private long Active(Direction direction)
    {
        var closed = Sum(direction, counters => counters.ClosedTotal());
        return Sum(direction, counters => counters.Opened) - closed;
    }

    private long Mismatch()
    {
        var mismatch = 0L;
        for (var look = 0; look < MismatchLooks; look++)
        {
            mismatch = _liveRecords() - _directions.Sum(Active);
            if (mismatch == 0)
            {
                break;
            }
        }
        return mismatch;
    }

    private IEnumerable<Measurement<long>> ClosedByReason() =>
        from direction in _directions
        from reason in CloseReasons.All
        select new Measurement<long>(Sum(direction, counters => counters.Closed(reason)),
            new("direction", direction.Label()), new("reason", reason.Label()));

    private IEnumerable<Measurement<long>> SplicedBySecurity() =>
        from direction in _directions
        from security in Enum.GetValues<Security>()
        select new Measurement<long>(Sum(direction, counters => counters.Spliced(security)),
            new("direction", direction.Label()), new("security", security.Label()));

    private IEnumerable<Measurement<long>> BytesByFlow()
    {
        foreach (var direction in _directions)
        {
            yield return new(Sum(direction, counters => counters.Transfers.ToUpstream), new("direction", direction.Label()), new("flow", "to_upstream"));
            yield return new(Sum(direction, counters => counters.Transfers.ToDownstream), new("direction", direction.Label()), new("flow", "to_downstream"));
        }
    }

    private IEnumerable<Measurement<long>> Reloads() =>
    [
        new(Interlocked.Read(ref _reloadsApplied), new KeyValuePair<string, object?>("result", "applied")),
        new(Interlocked.Read(ref _reloadsRejected), new KeyValuePair<string, object?>("result", "rejected")),
    ];

    private IEnumerable<Measurement<long>> PerDirection(Func<ConnectionCounters, long> number) =>
        _directions.Select(direction => Measure(Sum(direction, number), direction));

    private long Sum(Direction direction, Func<ConnectionCounters, long> number)
    {
        var sum = 0L;
        foreach (var counters in _counters[(int)direction])
        {
            sum += number(counters);
        }
        return sum;
    }

    private static Measurement<long> Measure(long value, Direction direction) =>
        new(value, new KeyValuePair<string, object?>("direction", direction.Label()));
}
