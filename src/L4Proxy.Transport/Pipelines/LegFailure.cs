using L4Proxy.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Pipelines;

/// <summary>A leg's error in the exceptions that connection middleware knows.</summary>
internal static class LegFailure
{
    public static Exception Of(Errno error) => error switch
    {
        Errno.ECONNRESET or Errno.EPIPE => new ConnectionResetException("the peer reset the connection"),
        Errno.ECANCELED => new ConnectionAbortedException("the connection was aborted by this process"),
        Errno.EBADF => new ConnectionAbortedException("the connection was closed by this process"),
        Errno.ETIMEDOUT => new IOException("the peer is gone: it answered neither keepalive probes nor data (ETIMEDOUT)"),
        _ => new IOException($"the connection failed: {error}"),
    };
}
