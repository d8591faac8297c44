namespace L4Proxy.Transport;

/// <summary>
/// Bytes moved for one direction of the product on one loop. Written by the loop's thread only, one addition per transfer; a scraper
/// sums the loops, so no cache line is shared between them.
/// </summary>
public sealed class TransferCounters
{
    private long _toUpstream;
    private long _toDownstream;
    private long _spliced;
    private long _halfClosed;

    /// <summary>Bytes the upstreams' kernels accepted.</summary>
    public long ToUpstream => Volatile.Read(ref _toUpstream);

    /// <summary>Bytes the downstreams' kernels accepted.</summary>
    public long ToDownstream => Volatile.Read(ref _toDownstream);

    /// <summary>Of both, the bytes that never entered user space.</summary>
    public long Spliced => Volatile.Read(ref _spliced);

    /// <summary>Connections of which one side has ended and the other has not.</summary>
    public long HalfClosed => Volatile.Read(ref _halfClosed);

    internal void Add(Flow flow, int bytes, bool spliced)
    {
        if (flow == Flow.ToUpstream)
        {
            _toUpstream += bytes;
        }
        else
        {
            _toDownstream += bytes;
        }
        if (spliced)
        {
            _spliced += bytes;
        }
    }

    internal void HalfCloseBegan() => _halfClosed++;

    internal void HalfCloseEnded() => _halfClosed--;
}

/// <summary>One of the two ways bytes run.</summary>
public enum Flow
{
    ToUpstream,
    ToDownstream,
}
