namespace L4Proxy.Egress;

/// <summary>How often a destination was called, and when. Thread-safe; the three numbers are not read at one instant.</summary>
/// <param name="first">Seconds since 1970-01-01 UTC.</param>
/// <param name="last">The same.</param>
/// <param name="count">Connections so far.</param>
internal sealed class Sightings(long first, long last, long count)
{
    public long First { get; } = first;
    public long Last => Volatile.Read(ref last);
    public long Count => Volatile.Read(ref count);

    public void Add(long now)
    {
        Interlocked.Increment(ref count);
        Volatile.Write(ref last, now);
    }
}
