using System.Collections.Concurrent;

namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>
/// Many short connections, one after the other in several rows at once, at a pace or as fast as the machine allows. A connection that fails
/// is kept with its reason and none is tried again.
/// </summary>
internal sealed class HandshakeLoad
{
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly IReadOnlyList<Func<Task>> _calls;
    private readonly double _perSecond;
    private readonly long _count;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly long[] _current;
    private readonly Task[] _rows;
    private long _begun;
    private long _succeeded;
    private volatile bool _stopping;

    /// <param name="calls">Kinds of connections, taken in turn.</param>
    /// <param name="rows">How many at once.</param>
    /// <param name="perSecond">At most.</param>
    /// <param name="count">After how many it ends by itself.</param>
    public HandshakeLoad(IReadOnlyList<Func<Task>> calls, int rows, double perSecond = double.PositiveInfinity, long count = long.MaxValue)
    {
        (_calls, _perSecond, _count) = (calls, perSecond, count);
        _current = new long[rows];
        _rows = [.. Enumerable.Range(0, rows).Select(row => Task.Run(() => RunAsync(row)))];
    }

    /// <summary>How many have begun.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    public long Succeeded => Interlocked.Read(ref _succeeded);

    public IReadOnlyCollection<string> Failures => _failures;

    public double SucceededPerSecond => Succeeded / TimeProvider.System.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Completes when <c>count</c> connections are over.</summary>
    public Task Done => Task.WhenAll(_rows);

    /// <summary>Begins no more and waits for those under way.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        return Done;
    }

    /// <summary>Whether all of the first so many are over: every row is at a later one.</summary>
    public bool AreOver(long first) => Enumerable.Range(0, _current.Length).All(row => Interlocked.Read(ref _current[row]) > first);

    private async Task RunAsync(int row)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stopping && Interlocked.Increment(ref _begun) is var number && number <= _count)
        {
            while (number > _perSecond * TimeProvider.System.GetElapsedTime(_started).TotalSeconds && !_stopping)
            {
                await pace.WaitForNextTickAsync();
            }
            Interlocked.Exchange(ref _current[row], number);
            try
            {
                await _calls[(int)(number % _calls.Count)]();
                Interlocked.Increment(ref _succeeded);
            }
            catch (Exception failure)
            {
                _failures.Enqueue($"{DateTime.UtcNow:O}, connection {number}: {failure}");
            }
        }
    }
}
