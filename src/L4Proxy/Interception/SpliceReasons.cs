using L4Proxy.Core.Connections;
using L4Proxy.Transport;
using L4Proxy.Transport.Native;

namespace L4Proxy.Interception;

/// <summary>What the transport saw, in the words of the record. The only place that knows both.</summary>
internal static class SpliceReasons
{
    public static CloseReason Of(SpliceResult result) => result.End switch
    {
        SpliceEnd.Completed => CloseReason.Completed,
        SpliceEnd.DownstreamFailed => IsSilence(result.Error) ? CloseReason.DownstreamUnreachable : CloseReason.DownstreamReset,
        SpliceEnd.UpstreamFailed => IsSilence(result.Error) ? CloseReason.UpstreamUnreachable : CloseReason.UpstreamReset,
        SpliceEnd.TlsTruncated => CloseReason.TlsTruncated,
        SpliceEnd.IdleTimeout => CloseReason.IdleTimeout,
        SpliceEnd.HalfCloseTimeout => CloseReason.HalfCloseTimeout,
        SpliceEnd.Aborted => CloseReason.Drained,
        _ => throw new ArgumentOutOfRangeException(nameof(result), result.End, "no close reason is known for this end"),
    };

    /// <param name="dial">A failed dial.</param>
    /// <param name="downstream">Whom it was for.</param>
    public static CloseReason Of(DialResult dial, Leg downstream) => dial.Error switch
    {
        // The dial was given up because its downstream had gone, not because of the upstream.
        Errno.ECANCELED => IsSilence(downstream.Error) ? CloseReason.DownstreamUnreachable : CloseReason.DownstreamReset,
        Errno.ECONNREFUSED => CloseReason.DialRefused,
        // Somebody listens there, took the connection and reset it at once.
        Errno.ECONNRESET => CloseReason.UpstreamReset,
        Errno.ETIMEDOUT => CloseReason.DialTimedOut,
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EHOSTDOWN or Errno.ENETDOWN => CloseReason.DialUnreachable,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM => CloseReason.DescriptorsExhausted,
        _ => CloseReason.DialFailed,
    };

    private static bool IsSilence(Errno error) => error is Errno.ETIMEDOUT or Errno.EHOSTUNREACH or Errno.ENETUNREACH;
}
