using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Identity;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>
/// OpenSSL's contexts for the certificate in force, made when a generation comes and not when its first connection does. Thread-safe.
/// </summary>
internal sealed class TlsContexts
{
    private readonly Lock _gate = new();
    private (SslStreamCertificateContext Certificate, SslProtocols Versions, Task<SharedTlsContexts?> Made)? _latest;

    /// <returns>Null: connections do without. Completed, unless the generation is a few milliseconds old.</returns>
    public Task<SharedTlsContexts?> ForAsync(WorkloadIdentity identity, SslProtocols versions)
    {
        lock (_gate)
        {
            if (_latest is not { } latest || latest.Certificate != identity.Certificate || latest.Versions != versions)
            {
                var certificate = identity.Certificate;
                _latest = latest = (certificate, versions, Task.Run(() => MakeAsync(certificate, versions)));
            }
            return latest.Made;
        }
    }

    private static async Task<SharedTlsContexts?> MakeAsync(SslStreamCertificateContext certificate, SslProtocols versions)
    {
        try
        {
            return await SharedTlsContexts.CreateAsync(certificate, versions);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            // A certificate that OpenSSL will not serve: every handshake with it says so, with a reason, to the one it concerns.
            return null;
        }
    }
}
