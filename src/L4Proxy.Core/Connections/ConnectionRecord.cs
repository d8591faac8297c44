using System.Net;

namespace L4Proxy.Core.Connections;

/// <summary>
/// All that one connection leaves behind. The handler sets facts as it learns them, accounting closes the record exactly once
/// and turns it into one log line and some counters. Written by one thread at a time: first the acceptor, then the connection's loop.
/// </summary>
/// <remarks>Times are microseconds of the caller's monotonic clock; 0 means "did not happen".</remarks>
public sealed class ConnectionRecord(long id, Direction direction, DownstreamAddress downstream, ListenerAddress listener, long acceptedAt)
{
    // Without the flag a nullable address would carry: 16 bytes less for every connection that is only being kept.
    private IPEndPoint? _originalDestination;
    private IPEndPoint? _upstream;
    private IPEndPoint? _forwardedBy;

    /// <summary>Unique within the process.</summary>
    public long Id { get; } = id;
    public Direction Direction { get; } = direction;

    /// <summary>Who connected; after a PROXY header, whom it named.</summary>
    public DownstreamAddress Downstream { get; private set; } = downstream;
    public ListenerAddress Listener { get; } = listener;

    /// <summary>The proxy that sent the PROXY header, the other end of the TCP connection; null where none did.</summary>
    public DownstreamAddress? ForwardedBy
    {
        get => _forwardedBy is null ? null : new DownstreamAddress(_forwardedBy);
        private set => _forwardedBy = value?.EndPoint;
    }

    public OriginalDestination? OriginalDestination
    {
        get => _originalDestination is null ? null : new OriginalDestination(_originalDestination);
        set => _originalDestination = value?.EndPoint;
    }

    public UpstreamAddress? Upstream
    {
        get => _upstream is null ? null : new UpstreamAddress(_upstream);
        set => _upstream = value?.EndPoint;
    }

    public long AcceptedAt { get; } = acceptedAt;

    /// <summary>When the dial began; together with <see cref="ConnectedAt"/> the time the upstream took to answer.</summary>
    public long DialedAt { get; set; }
    public long ConnectedAt { get; set; }
    public long FirstByteAt { get; set; }
    public long ClosedAt { get; private set; }

    /// <summary>Bytes the upstream's kernel accepted from us.</summary>
    public long BytesToUpstream { get; set; }

    /// <summary>Bytes the downstream's kernel accepted from us.</summary>
    public long BytesToDownstream { get; set; }

    /// <summary>Whether any byte went through a kernel pipe instead of through user space.</summary>
    public bool Spliced { get; set; }

    /// <summary>What the first bytes looked like: for people, never for decisions.</summary>
    public Protocol Protocol { get; set; }

    /// <summary>Null while nothing about the connection has to do with TLS.</summary>
    public TlsFacts? Tls { get; set; }

    /// <summary>What authorization said; null while it was not asked.</summary>
    public PolicyFacts? Policy { get; set; }

    /// <summary>
    /// Where routing sent it: <c>web.demo.svc.cluster.local:80</c>, with <c>/v2</c> for a subset; Istio's <c>PassthroughCluster</c> and
    /// <c>BlackHoleCluster</c> where no service covers it; null for connections that are not routed.
    /// </summary>
    public string? Route { get; set; }

    /// <summary>Upstreams dialled, 1 for most; more when endpoints failed before a byte was sent.</summary>
    public byte Attempts { get; set; }

    /// <summary>How it was secured. Where mTLS is PERMISSIVE this tells what STRICT would refuse.</summary>
    public Security Security =>
        Tls?.Version is not null ? Tls.PeerIdentity is not null ? Security.MutualTls : Security.OriginatedTls
        : Protocol is Protocol.Tls or Protocol.MeshTls ? Security.PassedTls
        : Security.Plaintext;

    /// <summary>What the reason alone does not say (the alert, the identities expected and shown); for people.</summary>
    public string? Detail { get; set; }

    public Phase Phase { get; private set; }
    public CloseReason Reason { get; private set; }
    public EndedBy EndedBy { get; private set; }

    /// <summary>The kernel's error number behind the reason; 0 where there was none.</summary>
    public int Errno { get; private set; }
    public bool IsEnded { get; private set; }

    /// <summary>A PROXY header has said who really connected.</summary>
    public void Forwarded(DownstreamAddress client) => (ForwardedBy, Downstream) = (Downstream, client);

    /// <summary>Marks the step the handler is about to take, so that whatever goes wrong next is logged with it.</summary>
    public void Enter(Phase phase)
    {
        if (phase > Phase)
        {
            Phase = phase;
        }
    }

    /// <summary>Says why the connection ends. The first reason wins; later ones are consequences.</summary>
    /// <returns>Whether this was the first.</returns>
    public bool End(CloseReason reason, int errno = 0, bool upstreamEndedFirst = false)
    {
        if (IsEnded)
        {
            return false;
        }
        IsEnded = true;
        Reason = reason;
        Errno = errno;
        EndedBy = reason.Side(upstreamEndedFirst);
        return true;
    }

    /// <summary>Seals the record. Called once, by accounting.</summary>
    /// <exception cref="InvalidOperationException">The record was closed before: something is counted twice.</exception>
    public void Close(long now)
    {
        if (ClosedAt != 0)
        {
            throw new InvalidOperationException($"connection {Id} was closed twice");
        }
        if (!IsEnded)
        {
            // A handler that returned without a reason is a defect; it must be visible, not pass for a clean end.
            End(CloseReason.InternalError);
        }
        ClosedAt = now;
    }
}
