using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Tls;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>One connection while it lives: its record, and the legs that can still be acted upon. Belongs to its loop.</summary>
internal sealed class ProxiedConnection(ConnectionRecord record, Leg downstream)
{
    private const int IdleMilliseconds = 1000;

    public ConnectionRecord Record { get; } = record;
    public Leg Downstream { get; } = downstream;

    /// <summary>The other end of the one leg with TLS, verified; null while there is none.</summary>
    public TlsEnd? TlsEnd { get; set; }

    /// <summary>It, where it is of the mesh and so has proven an identity; else null.</summary>
    public TlsPeer? Peer
    {
        get => TlsEnd as TlsPeer;
        set => TlsEnd = value;
    }

    /// <summary>What the connection holds of its destination, or of its peer, until it ends; null for nothing.</summary>
    public HeldPlace? Place { get; set; }

    /// <summary>Whether policy has let it in, so that a change of policy must look at it again.</summary>
    public bool IsJudged => Record.Policy is not null;

    /// <summary>What policy is asked about it. Only of an inbound connection whose downstream has said who it is.</summary>
    public AccessRequest AccessRequest => new(
        Peer?.Id, Record.ForwardedBy?.EndPoint.Address ?? Record.Downstream.EndPoint.Address, Record.Downstream.EndPoint.Address,
        Record.OriginalDestination!.Value.EndPoint, Record.Tls?.ServerName);

    /// <summary>Set once both legs stand.</summary>
    public Splice? Splice { get; private set; }

    /// <summary>Between two exchanges, or nobody is using it: nothing moved for a second.</summary>
    public bool IsIdle => Splice is { } splice && Downstream.Loop.Now - splice.LastMoved >= IdleMilliseconds;

    /// <summary>Neighbours in the loop's list of live connections.</summary>
    public ProxiedConnection? Next { get; set; }
    public ProxiedConnection? Previous { get; set; }

    /// <summary>
    /// Ends the connection from outside its handler. The handler, wherever it waits, finds its legs failed and returns.
    /// </summary>
    /// <param name="reason">Recorded as the first cause.</param>
    /// <param name="reset">RST; otherwise FIN, for a peer that has nothing outstanding.</param>
    public void Abort(CloseReason reason, bool reset)
    {
        Record.End(reason);
        if (Splice is { } splice)
        {
            splice.Abort(reset);
        }
        else
        {
            Downstream.Abort(Transport.Native.Errno.ECANCELED);
        }
    }

    /// <summary>The last two steps of every handler: move bytes until both ways have ended, then say how it went.</summary>
    public ValueTask<SpliceResult> SpliceAsync(Leg upstream, TransferCounters counters, SpliceTimeouts timeouts)
    {
        Record.Enter(Phase.Splicing);
        Splice = new Splice(Downstream, upstream, counters, timeouts, TlsEnd?.Session);
        return Splice.RunAsync();
    }

    /// <summary>Copies what the splice learned into the record.</summary>
    public void Conclude(SpliceResult result)
    {
        Record.BytesToUpstream = Splice!.BytesToUpstream;
        Record.BytesToDownstream = Splice.BytesToDownstream;
        Record.Spliced = Splice.Spliced;
        Record.FirstByteAt = Splice.FirstByteAt;
        if (result.End == SpliceEnd.TlsFailed)
        {
            TlsFault.Of(TlsEnd!.Session, result.UpstreamEndedFirst).End(Record);
        }
        else
        {
            Record.End(SpliceReasons.Of(result), (int)result.Error, result.UpstreamEndedFirst);
        }
    }
}
