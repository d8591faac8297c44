using L4Proxy.Core.Policy;

namespace L4Proxy.Configuration.Binding;

/// <summary>
/// Defaults that depend on what is mounted beside us: where Istio's agent or a certificate volume of its kind has put files, they are
/// used without a word of configuration.
/// </summary>
internal static class TlsDefaults
{
    private const string IstioCrl = "/var/run/secrets/istio/crl/ca-crl.pem";

    /// <summary>Certificate, key and bundle where Istio puts them: its own, its variant on GKE, and the one before version 1.14.</summary>
    private static readonly (string Certificate, string Key, string Bundle)[] _istio =
    [
        In("/var/run/secrets/workload-spiffe-credentials", "cert-chain.pem", "key.pem", "root-cert.pem"),
        In("/var/run/secrets/workload-spiffe-credentials", "certificates.pem", "private_key.pem", "ca_certificates.pem"),
        In("/etc/certs", "cert-chain.pem", "key.pem", "root-cert.pem"),
    ];

    /// <param name="bound">What the file says.</param>
    /// <param name="document">Which keys it says.</param>
    /// <param name="fileExists">Whether there is a file at a path.</param>
    public static ProxyOptions Fill(ProxyOptions bound, ConfigurationDocument document, Func<string, bool> fileExists)
    {
        var identity = Identity(bound.Identity, isSourceWritten: document.PositionOf("identity.source") is not null, fileExists);
        var mesh = document.PositionOf("mesh.mtls") is null && identity.Source == IdentitySource.Files
            ? bound.Mesh with { Mtls = MtlsMode.Permissive }
            : bound.Mesh;
        return bound with { Identity = identity, Mesh = mesh };
    }

    private static IdentityOptions Identity(IdentityOptions written, bool isSourceWritten, Func<string, bool> fileExists)
    {
        var namesFiles = (written.Certificate + written.PrivateKey + written.TrustBundle).Length > 0;
        var found = Array.FindIndex(_istio, set => fileExists(set.Certificate) && fileExists(set.Key) && fileExists(set.Bundle));
        var source = isSourceWritten ? written.Source
            : namesFiles || found >= 0 ? IdentitySource.Files
            : IdentitySource.None;
        if (source != IdentitySource.Files || namesFiles)
        {
            return written with { Source = source };
        }
        // None there yet: the agent may still be about to write them, and we wait where it would.
        var (certificate, key, bundle) = _istio[Math.Max(found, 0)];
        return written with
        {
            Source = source,
            Certificate = certificate,
            PrivateKey = key,
            TrustBundle = bundle,
            Crl = written.Crl.Length == 0 && fileExists(IstioCrl) ? IstioCrl : written.Crl,
        };
    }

    private static (string, string, string) In(string directory, string certificate, string key, string bundle) =>
        ($"{directory}/{certificate}", $"{directory}/{key}", $"{directory}/{bundle}");
}
