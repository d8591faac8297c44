using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Pki;

/// <summary>An authority as files of the directory; the one that is being replaced has <c>old-</c> before its names.</summary>
internal sealed class AuthorityFiles(string directory, string prefix = "")
{
    private static readonly string[] _names = ["root.pem", "root.key", "intermediate.pem", "intermediate.key"];

    /// <summary>Revocations of the intermediate; there are none while this does not exist.</summary>
    public string RevocationList => File("intermediate.crl");

    /// <summary>Null if there is none.</summary>
    /// <exception cref="PkiException">There is a part of one, or something else.</exception>
    public CertificateAuthority? Load()
    {
        var missing = _names.Where(name => !System.IO.File.Exists(File(name))).ToList();
        if (missing.Count == _names.Length)
        {
            return null;
        }
        if (missing.Count > 0)
        {
            throw new PkiException(
                $"{directory} holds a part of a certificate authority: {prefix}{missing[0]} is missing; put it back, or use an empty directory");
        }
        try
        {
            return new CertificateAuthority(
                X509Certificate2.CreateFromPemFile(File("root.pem"), File("root.key")),
                X509Certificate2.CreateFromPemFile(File("intermediate.pem"), File("intermediate.key")));
        }
        // The runtime calls a key of another certificate a wrong argument.
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new PkiException($"the certificate authority in {directory} cannot be read ({error.Message}); put its files back, or use an empty directory");
        }
    }

    public void Save(CertificateAuthority authority)
    {
        Save("root", authority.Root);
        Save("intermediate", authority.Intermediate);
    }

    public void Delete()
    {
        foreach (var path in _names.Select(File).Append(RevocationList))
        {
            System.IO.File.Delete(path);
        }
    }

    public void MoveTo(AuthorityFiles target)
    {
        foreach (var (from, to) in _names.Select(name => (File(name), target.File(name))).Append((RevocationList, target.RevocationList)))
        {
            if (System.IO.File.Exists(from))
            {
                System.IO.File.Move(from, to, overwrite: true);
            }
        }
    }

    private string File(string name) => Path.Combine(directory, prefix + name);

    private void Save(string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        PkiFile.Replace(File($"{name}.key"), key.ExportPkcs8PrivateKeyPem() + "\n", PkiFile.Secret);
        PkiFile.Replace(File($"{name}.pem"), certificate.ExportCertificatePem() + "\n", PkiFile.Public);
    }
}
