using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Identity;

/// <summary>A certificate and the line it begins at.</summary>
internal readonly record struct LocatedCertificate(X509Certificate2 Certificate, int Line);

/// <summary>The certificates of a PEM file.</summary>
internal static class CertificateBlocks
{
    /// <summary>Each once, in the order of the file, whatever else is in it (the key, parameters).</summary>
    /// <exception cref="IdentityException">There is none, or one of them is damaged.</exception>
    public static IReadOnlyList<LocatedCertificate> Of(IdentityFile file)
    {
        var found = new List<LocatedCertificate>();
        foreach (var block in PemBlock.ReadAll(file))
        {
            if (block.Label == "TRUSTED CERTIFICATE")
            {
                throw file.Refuse("a TRUSTED CERTIFICATE is OpenSSL's own form; convert it with 'openssl x509'", block.Line);
            }
            if (block.Label is not ("CERTIFICATE" or "X509 CERTIFICATE"))
            {
                continue;
            }
            var certificate = Read(file, block);
            if (!found.Exists(other => other.Certificate.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
            {
                found.Add(new LocatedCertificate(certificate, block.Line));
            }
        }
        return found.Count > 0 ? found : throw file.Refuse("has no CERTIFICATE in it; write at least one");
    }

    private static X509Certificate2 Read(IdentityFile file, PemBlock block)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(block.Der);
        }
        catch (CryptographicException)
        {
            throw file.Refuse("the CERTIFICATE that begins here is damaged; write it again", block.Line);
        }
    }
}
