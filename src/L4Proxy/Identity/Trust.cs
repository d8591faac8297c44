using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Identity;

namespace L4Proxy.Identity;

/// <summary>Whom we believe: the anchors of every trust domain, from their files.</summary>
/// <param name="Own">Anchors of our own domain.</param>
/// <param name="Lists">Revocation lists of our own domain.</param>
/// <param name="Federated">Anchors of other domains.</param>
internal sealed record Trust(
    IReadOnlyList<X509Certificate2> Own, IReadOnlyList<RevocationList> Lists, IReadOnlyList<(TrustDomain Domain, IReadOnlyList<X509Certificate2> Anchors)> Federated)
{
    public IEnumerable<X509Certificate2> Anchors => Own.Concat(Federated.SelectMany(bundle => bundle.Anchors));

    /// <summary>What judges peers by this trust.</summary>
    public PeerVerifier Verifier(TrustDomain own, IReadOnlyList<TrustDomain> aliases) => new(
        own,
        [new TrustBundle(own, Own, Lists), .. Federated.Select(bundle => new TrustBundle(bundle.Domain, bundle.Anchors, []))],
        aliases);

    /// <exception cref="IdentityException">There is none, or one of them may not sign.</exception>
    public static IReadOnlyList<X509Certificate2> AnchorsOf(IdentityFile file)
    {
        var anchors = CertificateBlocks.Of(file);
        foreach (var (anchor, line) in anchors)
        {
            if (SvidRules.InspectSigningCertificate(anchor) is { Length: > 0 } problem)
            {
                throw file.Refuse($"the certificate of {Words.Name(anchor)} that begins here cannot be an anchor: {problem}; leave CA certificates only", line);
            }
        }
        return [.. anchors.Select(anchor => anchor.Certificate)];
    }

    /// <param name="authorities">The CAs at hand: whose list has the name of one of them must have been made by it.</param>
    /// <exception cref="IdentityException">It is no list of a supported form, or somebody else made it.</exception>
    public static IReadOnlyList<RevocationList> ListsOf(IdentityFile file, IReadOnlyCollection<X509Certificate2> authorities)
    {
        if (!RevocationList.TryParse(file.Content, out var lists, out var problem))
        {
            throw file.Refuse($"is not a usable revocation list: {problem}; write complete lists in PEM");
        }
        foreach (var (index, list) in lists.Index())
        {
            var named = authorities.Where(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(list.IssuerName.Span)).ToList();
            // A list of a CA that only peers bring along is checked when one does.
            if (named.Count > 0 && !named.Exists(list.IsSignedBy))
            {
                throw file.Refuse($"list {index + 1} was not signed by the {Words.Name(named[0])} we know, though it bears its name; write the list of that CA");
            }
        }
        return lists;
    }
}
