namespace L4Proxy.Core.Identity;

/// <summary>
/// Finds ways from a leaf to an anchor over what the peer sent, in any order and with any junk in between: by name and by signature. It
/// makes the way definite before the BCL judges it, because X509Chain takes one issuer per name and gives up when that was the wrong one
/// (dotnet/runtime#85830, #98921), and cannot end at an intermediate (#80483).
/// </summary>
internal sealed class PathSearch(CertificateFields[] presented, Anchor[] anchors)
{
    // Eight certificates that all signed each other make 40 320 ways; honest ones make a handful.
    private const int MaxSteps = 32;

    private readonly List<CertificateFields> _path = [];
    private readonly Dictionary<(CertificateFields Child, CertificateFields Issuer), bool> _links = [];
    private int _steps;

    /// <summary>Every way; from each certificate those that end in an anchor at once come first.</summary>
    public IEnumerable<TrustPath> From(CertificateFields child)
    {
        _path.Add(child);
        foreach (var anchor in anchors)
        {
            if (Signed(child, anchor.Fields))
            {
                yield return new TrustPath([.. _path], anchor);
            }
        }
        foreach (var issuer in presented)
        {
            if (!_path.Contains(issuer) && Signed(child, issuer) && ++_steps <= MaxSteps)
            {
                foreach (var path in From(issuer))
                {
                    yield return path;
                }
            }
        }
        _path.RemoveAt(_path.Count - 1);
    }

    /// <summary>Whether anybody here bears the name of this certificate's issuer: the difference between a stranger and a missing intermediate.</summary>
    public bool KnowsIssuerOf(CertificateFields child) =>
        anchors.Select(anchor => anchor.Fields).Concat(presented).Any(issuer => IsNamedBy(child, issuer));

    private static bool IsNamedBy(CertificateFields child, CertificateFields issuer) => child.Issuer.Span.SequenceEqual(issuer.Subject.Span);

    // Each pair is computed once: at most 8 x 9 signatures of intermediates, and 9 per anchor of the same name.
    private bool Signed(CertificateFields child, CertificateFields issuer)
    {
        if (!IsNamedBy(child, issuer))
        {
            return false;
        }
        if (!_links.TryGetValue((child, issuer), out var signed))
        {
            signed = Signatures.Verify(child.Signed, child.SignatureAlgorithm, child.Signature, issuer.PublicKey);
            _links.Add((child, issuer), signed);
        }
        return signed;
    }
}
