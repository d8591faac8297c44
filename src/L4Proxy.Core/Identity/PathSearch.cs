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
    private int _steps;

    /// <summary>Every way, the shortest first where an anchor is reached early.</summary>
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
            if (!_path.Contains(issuer) && Signed(child, issuer) && SvidRules.SigningProblem(issuer, isAnchor: false).Length == 0)
            {
                foreach (var path in From(issuer))
                {
                    yield return path;
                }
            }
        }
        _path.RemoveAt(_path.Count - 1);
    }

    private bool Signed(CertificateFields child, CertificateFields issuer) =>
        child.Issuer.Span.SequenceEqual(issuer.Subject.Span)
        && ++_steps <= MaxSteps
        && Signatures.Verify(child.Signed, child.SignatureAlgorithm, child.Signature, issuer.PublicKey);
}

/// <summary>One way: the leaf, its intermediates in order, and the anchor that signed the last of them.</summary>
internal sealed record TrustPath(CertificateFields[] Certificates, Anchor Anchor)
{
    /// <summary>Anchor included.</summary>
    public IEnumerable<CertificateFields> All => Certificates.Append(Anchor.Fields);
}
