using System.Security.Cryptography;
using System.Text;
using L4Proxy.Configuration;

namespace L4Proxy.Identity;

/// <summary>Every file of the identity, read at one moment. They belong together, and are judged together.</summary>
internal sealed class IdentityFiles
{
    private IdentityFiles(IdentityOptions options)
    {
        Certificate = IdentityFile.Read("identity.certificate", options.Certificate);
        PrivateKey = IdentityFile.Read("identity.privateKey", options.PrivateKey);
        TrustBundle = IdentityFile.Read("identity.trustBundle", options.TrustBundle);
        Crl = options.Crl.Length == 0 ? null : IdentityFile.Read("identity.crl", options.Crl);
        Federated = options.FederatedBundles.ToDictionary(
            bundle => bundle.Key, bundle => IdentityFile.Read($"identity.federatedBundles.{bundle.Key}", bundle.Value), StringComparer.Ordinal);
        Fingerprint = Hash();
    }

    public IdentityFile Certificate { get; }
    public IdentityFile PrivateKey { get; }
    public IdentityFile TrustBundle { get; }
    public IdentityFile? Crl { get; }

    /// <summary>By trust domain.</summary>
    public IReadOnlyDictionary<string, IdentityFile> Federated { get; }

    /// <summary>SHA-256 in hex over all contents, and over the reasons of those that could not be read.</summary>
    public string Fingerprint { get; }

    public static IdentityFiles Read(IdentityOptions options) => new(options);

    public static IEnumerable<string> Paths(IdentityOptions options) =>
        new[] { options.Certificate, options.PrivateKey, options.TrustBundle, options.Crl }.Concat(options.FederatedBundles.Values)
            .Where(path => path.Length > 0);

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Federated.Values.Prepend(Crl).Prepend(TrustBundle).Prepend(PrivateKey).Prepend(Certificate).OfType<IdentityFile>())
        {
            var content = file.Bytes ?? Encoding.UTF8.GetBytes(file.Problem!);
            // Lengths, so that what moves from one file to the next is a change.
            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
