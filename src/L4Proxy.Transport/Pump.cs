namespace L4Proxy.Transport;

/// <summary>How one way of a splice ended.</summary>
internal enum PumpEnd
{
    /// <summary>Still moving.</summary>
    None,

    /// <summary>The source ended in order and the destination's kernel has every byte before that, and the end itself where TLS says it.</summary>
    EndOfStream,
    SourceFailed,
    DestinationFailed,

    /// <summary>The source is TLS and ended without close_notify: somebody may have cut it short.</summary>
    SourceTruncated,

    /// <summary>TLS itself failed: an alert, or bytes that were not what was sent.</summary>
    TlsFailed,

    /// <summary>The splice gave up on it.</summary>
    Stopped,
}

/// <summary>
/// One way of a splice: takes what has arrived, gives it on, waits for whichever side is slower. Never reads ahead of what was sent.
/// </summary>
internal abstract class Pump(Splice splice, Flow flow)
{
    public Flow Flow => flow;
    public PumpEnd End { get; protected set; }

    /// <summary>Bytes of the workloads that the destination's kernel accepted; TLS adds its own to them.</summary>
    public long Moved { get; private set; }
    public bool Spliced { get; private set; }

    // Asked from the splice instead of kept: two references less in each of the two pumps of every idle connection.
    protected Leg Source => flow == Flow.ToUpstream ? splice.Downstream : splice.Upstream;
    protected Leg Destination => flow == Flow.ToUpstream ? splice.Upstream : splice.Downstream;

    /// <summary>Runs until there is something to wait for, then leaves a callback.</summary>
    public abstract void Advance();

    /// <summary>Ends the pump where it stands; what it holds is dropped.</summary>
    /// <param name="clean">The legs are about to be closed in order: whoever speaks TLS says so.</param>
    public void Stop(bool clean)
    {
        if (End == PumpEnd.None)
        {
            End = PumpEnd.Stopped;
            OnStopped(clean);
        }
    }

    /// <summary>The splice is over and its legs are closed.</summary>
    public virtual void Release()
    {
    }

    protected abstract void OnStopped(bool clean);

    protected void Account(int bytes, bool spliced)
    {
        if (bytes == 0)
        {
            return;
        }
        Moved += bytes;
        Spliced |= spliced;
        splice.OnMoved(flow, bytes, spliced);
    }

    protected void Ended() => splice.OnPumpEnded(this);
}
