using System.Reflection;
using System.Runtime.InteropServices;

namespace L4Proxy.Transport.Native;

/// <summary>
/// What SslStream's own libssl is told and asked besides what SslStream offers. Functions and numbers are the same in OpenSSL 1.1.1 and 3
/// (ssl.h); they come from the very library the runtime has loaded, so that both speak of the same objects.
/// </summary>
internal static unsafe class OpenSsl
{
    private const int SSL_CTRL_MODE = 33;
    private const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    private const int SSL_SESS_CACHE_OFF = 0;
    private const int SSL_MODE_RELEASE_BUFFERS = 0x10;
    private const ulong SSL_OP_NO_TICKET = 1UL << 14;

    private static readonly delegate* unmanaged<nint, nint> _contextOf;
    private static readonly delegate* unmanaged<nint, int> _sessionReused;
    private static readonly delegate* unmanaged<nint, ulong, ulong> _setOptions;
    private static readonly delegate* unmanaged<nint, nuint, int> _setTickets;
    private static readonly delegate* unmanaged<nint, int, nint, nint, nint> _control;

    static OpenSsl()
    {
        if (TryLoad(out var library)
            && NativeLibrary.TryGetExport(library, "SSL_get_SSL_CTX", out var contextOf)
            && NativeLibrary.TryGetExport(library, "SSL_session_reused", out var sessionReused)
            && NativeLibrary.TryGetExport(library, "SSL_CTX_set_options", out var setOptions)
            && NativeLibrary.TryGetExport(library, "SSL_CTX_set_num_tickets", out var setTickets)
            && NativeLibrary.TryGetExport(library, "SSL_CTX_ctrl", out var control))
        {
            _contextOf = (delegate* unmanaged<nint, nint>)contextOf;
            _sessionReused = (delegate* unmanaged<nint, int>)sessionReused;
            _setOptions = (delegate* unmanaged<nint, ulong, ulong>)setOptions;
            _setTickets = (delegate* unmanaged<nint, nuint, int>)setTickets;
            _control = (delegate* unmanaged<nint, int, nint, nint, nint>)control;
            IsAvailable = true;
        }
    }

    /// <summary>False: nothing below may be called. Asked after the runtime has used TLS for the first time, which loads the library.</summary>
    public static bool IsAvailable { get; }

    /// <summary>The SSL_CTX of a connection.</summary>
    public static nint ContextOf(nint connection) => _contextOf(connection);

    /// <summary>Whether the handshake of a connection took up an earlier session instead of asking for certificates.</summary>
    public static bool WasResumed(nint connection) => _sessionReused(connection) != 0;

    /// <summary>No connection made from this context can resume a session, or be resumed: no tickets of any version, no session cache.</summary>
    public static void ForbidResumption(nint context)
    {
        _setOptions(context, SSL_OP_NO_TICKET);
        _setTickets(context, 0);
        _control(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, 0);
    }

    /// <summary>Connections made from this context keep no record buffers (2 × 17 KiB) between records.</summary>
    public static void ReleaseBuffers(nint context) => _control(context, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, 0);

    /// <summary>The library that is loaded already, whatever its version is; never a second one beside it.</summary>
    private static bool TryLoad(out nint library)
    {
        library = 0;
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var path = line.LastIndexOf(' ') is >= 0 and var at ? line[(at + 1)..] : "";
            if (path.Contains("/libssl.so", StringComparison.Ordinal))
            {
                return NativeLibrary.TryLoad(path, Assembly.GetExecutingAssembly(), DllImportSearchPath.SafeDirectories, out library);
            }
        }
        return false;
    }
}
