namespace L4Proxy.Core.Routing;

/// <summary>What routing did for connections, counted as it happens. One for all loops: none of this is done per transfer. Thread-safe.</summary>
public sealed class RoutingCounters
{
    private long _retries;
    private long _ejections;
    private long _waiting;

    /// <summary>Dials of a further endpoint after one had failed.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Endpoints taken out of their balancer because dials or handshakes failed.</summary>
    public long Ejections => Interlocked.Read(ref _ejections);

    /// <summary>Connections that wait now until their destination has a place for them.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    public void Retried() => Interlocked.Increment(ref _retries);

    public void Ejected() => Interlocked.Increment(ref _ejections);

    /// <summary>A connection has queued for its destination; <see cref="WaitingEnded"/> however that ends.</summary>
    public void WaitingBegan() => Interlocked.Increment(ref _waiting);

    public void WaitingEnded() => Interlocked.Decrement(ref _waiting);
}
