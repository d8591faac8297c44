using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Transport;
using L4Proxy.Transport.Native;

namespace L4Proxy.Interception;

/// <summary>Looks at what a downstream begins with, and takes none of it: whatever follows starts at its first byte.</summary>
internal static class DownstreamDetection
{
    /// <summary>Waits until the first bytes say what they are, or until waiting is over.</summary>
    /// <param name="downstream">Nothing of it has been read.</param>
    /// <param name="record">Gets what was seen; if it was nothing to go on with, the reason.</param>
    /// <param name="silence">
    /// Until when a downstream may say nothing, in milliseconds of the loop's clock; then it is taken for a client whose server speaks
    /// first. At or after <paramref name="deadline"/>: silence is no answer.
    /// </param>
    /// <param name="deadline">Until when it must have said enough. Once it has begun like TLS no timer makes anything else of it.</param>
    /// <returns>Null: the connection is over.</returns>
    public static async ValueTask<Detected?> DetectAsync(Leg downstream, ConnectionRecord record, long silence, long deadline)
    {
        record.Enter(Phase.Detecting);
        while (true)
        {
            var arrived = downstream.TryPeek(downstream.Loop.Scratch);
            if (arrived.Error != Errno.None)
            {
                record.End(CloseReason.DownstreamReset, (int)arrived.Error);
                return null;
            }
            var detection = ProtocolDetector.Detect(downstream.Loop.Scratch.AsSpan(0, arrived.Bytes));
            if (detection.Verdict != Verdict.NeedMore)
            {
                return Noted(record, detection);
            }
            if (downstream.PeerHasEnded)
            {
                return Noted(record, Ended(arrived.Bytes));
            }
            if (arrived.Bytes == 0 && downstream.Loop.Now >= silence && silence < deadline)
            {
                return Noted(record, new Detected(Verdict.Plaintext, Protocol.Unknown, null));
            }
            if (downstream.Loop.Now >= deadline)
            {
                record.End(CloseReason.HandshakeTimeout);
                return null;
            }
            await downstream.MoreToReadAsync(arrived.Bytes == 0 ? Math.Min(silence, deadline) : deadline);
        }
    }

    /// <summary>The downstream sent FIN before it had said what it is.</summary>
    private static Detected Ended(int bytes) =>
        bytes == 0 ? new(Verdict.Plaintext, Protocol.Unknown, null) : new(Verdict.BrokenTls, Protocol.Opaque, null);

    private static Detected Noted(ConnectionRecord record, Detected detection)
    {
        record.Protocol = detection.Protocol;
        if (detection.Hello is { } hello)
        {
            record.Tls = new TlsFacts { ServerName = hello.ServerName, Alpn = hello.Alpn.FirstOrDefault() };
        }
        return detection;
    }
}
