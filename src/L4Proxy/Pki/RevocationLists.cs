using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Pki;

/// <summary>
/// The lists of an authority: the root's, always empty, and the intermediate's. Both are needed, because OpenSSL and Envoy refuse a chain
/// when one of its authorities has no list.
/// </summary>
internal static class RevocationLists
{
    /// <summary>Makes both lists anew, with one more revocation for each of <paramref name="revoked"/>, and keeps the intermediate's.</summary>
    /// <returns>Both as PEM, the root's first.</returns>
    public static string Renew(AuthorityFiles files, CertificateAuthority authority, IEnumerable<X509Certificate2> revoked, DateTimeOffset now, TimeSpan lifetime)
    {
        var number = BigInteger.Zero;
        var builder = File.Exists(files.RevocationList)
            ? CertificateRevocationListBuilder.LoadPem(File.ReadAllText(files.RevocationList), out number)
            : new CertificateRevocationListBuilder();
        foreach (var leaf in revoked)
        {
            builder.RemoveEntry(leaf.SerialNumberBytes.Span);
            builder.AddEntry(leaf.SerialNumberBytes.Span, now, X509RevocationReason.KeyCompromise);
        }
        number += 1;
        var ofIntermediate = Pem(builder, authority.Intermediate);
        PkiFile.Replace(files.RevocationList, ofIntermediate, PkiFile.Public);
        return Pem(new CertificateRevocationListBuilder(), authority.Root) + ofIntermediate;

        string Pem(CertificateRevocationListBuilder list, X509Certificate2 issuer) =>
            PemEncoding.WriteString("X509 CRL", list.Build(issuer, number, now + lifetime, HashAlgorithmName.SHA256, thisUpdate: now - _backdate)) + "\n";
    }

    // As leaves are: clocks differ.
    private static readonly TimeSpan _backdate = TimeSpan.FromMinutes(2);
}
