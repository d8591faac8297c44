using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Identity;

/// <summary>Our leaf with its key, and the intermediates that lead to an anchor, nearest first.</summary>
internal sealed record CertificateChain(X509Certificate2 Leaf, X509Certificate2Collection Intermediates)
{
    /// <summary>Finds the leaf by the key and puts the rest in order, because tools write them in any. What leads nowhere is left out.</summary>
    /// <exception cref="IdentityException">No certificate of the file is the key's.</exception>
    public static CertificateChain Of(IdentityFile file, LeafKey key, IdentityFile keyFile)
    {
        var certificates = CertificateBlocks.Of(file).Select(located => located.Certificate).ToList();
        var leaf = certificates.Find(key.IsOf) ?? throw keyFile.Refuse(
            $"is not the key of any certificate in {file.Path}; write both from the same issue (if they are being replaced now, this passes)");
        certificates.Remove(leaf);
        var ordered = new X509Certificate2Collection();
        // Breadth first: a cross-signed intermediate is there twice, and which of the two leads to the peer's anchor is the peer's affair.
        for (List<X509Certificate2> issued = [leaf]; issued.Count > 0;)
        {
            var issuers = certificates.FindAll(candidate => issued.Exists(each => IsNamedIssuer(candidate, each)) && !IsNamedIssuer(candidate, candidate));
            certificates.RemoveAll(issuers.Contains);
            ordered.AddRange(issuers.ToArray());
            issued = issuers;
        }
        return new CertificateChain(key.JoinTo(leaf), ordered);
    }

    private static bool IsNamedIssuer(X509Certificate2 issuer, X509Certificate2 issued) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(issued.IssuerName.RawData);
}
