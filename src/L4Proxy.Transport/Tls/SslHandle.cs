using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tls;

/// <summary>
/// The OpenSSL connection inside an SslStream. .NET has no public way to it, so it is a field by name: where a runtime calls it
/// otherwise, or the library is not to be found, the answer is "no" and whoever asks does without.
/// </summary>
internal static class SslHandle
{
    private static readonly FieldInfo? _field = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Valid while the stream is not disposed.</summary>
    public static bool TryOf(SslStream stream, out nint connection)
    {
        connection = _field?.GetValue(stream) is SafeHandle { IsInvalid: false } handle ? handle.DangerousGetHandle() : 0;
        return connection != 0 && OpenSsl.IsAvailable;
    }
}
