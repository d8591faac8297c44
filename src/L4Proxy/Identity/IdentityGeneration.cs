using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Identity;

/// <summary>What is in force, with what is told about it. Metrics and warnings read the certificates that handshakes use, and no copy.</summary>
/// <param name="Identity">What handshakes use.</param>
/// <param name="Anchors">Of every trust domain.</param>
/// <param name="Lists">How many revocation lists.</param>
/// <param name="Fingerprint">Of the files it was made from.</param>
/// <param name="LoadedAt">UTC.</param>
internal sealed record IdentityGeneration(
    WorkloadIdentity Identity, IReadOnlyList<X509Certificate2> Anchors, int Lists, string Fingerprint, DateTime LoadedAt)
{
    public X509Certificate2 Leaf => Identity.Certificate.TargetCertificate;

    public IReadOnlyList<X509Certificate2> Intermediates => Identity.Certificate.IntermediateCertificates;

    /// <summary>For a person.</summary>
    public string Summary =>
        $"{Identity.Id}, valid until {Words.Time(Identity.NotAfter)}, {Intermediates.Count} intermediate(s), {Anchors.Count} anchor(s), {Lists} revocation list(s)";
}
