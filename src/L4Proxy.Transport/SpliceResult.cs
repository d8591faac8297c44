using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>How a splice ended.</summary>
public enum SpliceEnd
{
    /// <summary>Both sides sent FIN and every byte was delivered.</summary>
    Completed,

    /// <summary>The downstream leg failed first; the upstream was reset.</summary>
    DownstreamFailed,

    /// <summary>The upstream leg failed first; the downstream was reset.</summary>
    UpstreamFailed,

    /// <summary>The TLS leg's peer ended without close_notify; the other side was reset.</summary>
    TlsTruncated,

    /// <summary>TLS failed on its leg (an alert, a damaged record); <see cref="Tls.TlsSession.Failure"/> says how. Both sides were reset.</summary>
    TlsFailed,

    /// <summary>Nothing moved for the idle timeout.</summary>
    IdleTimeout,

    /// <summary>One side had ended and nothing moved for the half-close timeout.</summary>
    HalfCloseTimeout,

    /// <summary><see cref="Splice.Abort"/> was called.</summary>
    Aborted,
}

/// <param name="End">What ended it.</param>
/// <param name="Error">The kernel's error of the leg that failed, else none.</param>
/// <param name="UpstreamEndedFirst">Which side sent the first FIN, if any did; of a TLS failure, whether it was the upstream's.</param>
public readonly record struct SpliceResult(SpliceEnd End, Errno Error, bool UpstreamEndedFirst);

/// <summary>Time limits of a splice in milliseconds; 0 is off.</summary>
/// <param name="IdleMilliseconds">Without a byte either way.</param>
/// <param name="HalfCloseMilliseconds">Without a byte once one side has ended.</param>
public readonly record struct SpliceTimeouts(int IdleMilliseconds, int HalfCloseMilliseconds);
