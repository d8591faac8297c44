using System.Text;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Core.Identity;
using L4Proxy.Transport;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>Why TLS failed, in the words of the record.</summary>
/// <param name="Reason">The label.</param>
/// <param name="OfUpstream">Whose TLS it was.</param>
/// <param name="Errno">The kernel's error, if there was one.</param>
/// <param name="Detail">What the reason does not say; for people.</param>
internal readonly record struct TlsFault(CloseReason Reason, bool OfUpstream, int Errno, string? Detail)
{
    /// <summary>Nobody is to blame but us, and no other peer would fare better.</summary>
    public static TlsFault Ours(CloseReason reason, string? detail = null) => new(reason, OfUpstream: false, Errno: 0, detail);

    /// <summary>Whether another endpoint might succeed where this one failed.</summary>
    public bool IsOfEndpoint => OfUpstream;

    /// <summary>Of a handshake that failed.</summary>
    /// <param name="session">Its own words count where nobody judged the peer.</param>
    /// <param name="given">What was said about the peer; null: it was not judged.</param>
    /// <param name="ofUpstream">Whose handshake it was.</param>
    public static TlsFault Of(TlsSession session, PeerVerdict? given, bool ofUpstream)
    {
        var (reason, detail) = Judge(session, given);
        return new(reason, ofUpstream, session.Leg.HasFailed ? (int)session.Leg.Error : 0, detail);
    }

    /// <summary>Of a handshake with an upstream that failed: because of its downstream, if that has gone meanwhile.</summary>
    /// <param name="session">With the upstream.</param>
    /// <param name="given">What was said about the upstream; null: it was not judged.</param>
    /// <param name="downstream">For whom it was.</param>
    public static TlsFault Of(TlsSession session, PeerVerdict? given, Leg downstream) => downstream.HasFailed
        ? new(CloseReason.DownstreamReset, OfUpstream: false, (int)downstream.Error, Detail: null)
        : Of(session, given, ofUpstream: true);

    /// <summary>Of a session that failed after its handshake.</summary>
    public static TlsFault Of(TlsSession session, bool ofUpstream)
    {
        var alert = OpenSslError.In(session.Failure);
        return new(alert?.Reason ?? CloseReason.TlsProtocolError, ofUpstream, 0, alert?.Detail ?? session.Failure?.Message);
    }

    public void End(ConnectionRecord record)
    {
        if (record.End(Reason, Errno, OfUpstream))
        {
            record.Detail = Detail;
        }
    }

    private static (CloseReason Reason, string? Detail) Judge(TlsSession session, PeerVerdict? given)
    {
        if (session.TimedOut)
        {
            return (CloseReason.HandshakeTimeout, null);
        }
        if (given is { Refusal: { } refusal } verdict)
        {
            return (refusal, verdict.Detail);
        }
        if (OpenSslError.In(session.Failure) is { } error)
        {
            return (error.Reason, error.Detail);
        }
        if (!session.FirstBytes.IsEmpty)
        {
            return (CloseReason.TlsPeerIsPlaintext, LooksLike(session.FirstBytes.Span));
        }
        return session.SawEnd || session.Leg.HasFailed
            ? (CloseReason.TlsPeerLeft, null)
            : (CloseReason.TlsProtocolError, session.Failure?.Message);
    }

    private static string LooksLike(ReadOnlySpan<byte> bytes)
    {
        // A server's first words, unlike a client's: HTTP answers, banners of SSH, SMTP and FTP.
        var text = Encoding.Latin1.GetString(bytes);
        var known = text switch
        {
            _ when text.StartsWith("HTTP/", StringComparison.Ordinal) => "HTTP",
            _ when text.StartsWith("SSH-", StringComparison.Ordinal) => "SSH",
            _ when text.StartsWith("220", StringComparison.Ordinal) => "SMTP or FTP",
            _ => ProtocolDetector.Detect(bytes).Protocol.ToString(),
        };
        return $"looks like {known}: {Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, 16)])}";
    }
}
