namespace L4Proxy.Egress;

/// <summary>How often a destination was called, and when. Thread-safe; the three numbers are not read at one instant.</summary>
/// <param name="first">Seconds since 1970-01-01 UTC.</param>
/// <param name="last">The same.</param>
/// <param name="count">Connections so far.</param>
internal sealed class Sightings(long first, long last, long count)
{
    private long _last = last;
    private long _count = count;

    public long First => first;
    public long Last => Volatile.Read(ref _last);
    public long Count => Volatile.Read(ref _count);

    public void Add(long now)
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _last, now);
    }
}
