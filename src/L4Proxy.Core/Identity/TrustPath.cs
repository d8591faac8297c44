namespace L4Proxy.Core.Identity;

/// <summary>One way from a leaf to trust: the leaf, its intermediates in order, and the anchor that signed the last of them.</summary>
internal sealed class TrustPath
{
    public TrustPath(CertificateFields[] certificates, Anchor anchor)
    {
        Certificates = certificates;
        Anchor = anchor;
        All = [.. certificates, anchor.Fields];
        ValidFrom = All.Max(fields => fields.NotBefore);
        ValidUntil = All.Min(fields => fields.NotAfter);
    }

    /// <summary>Without the anchor.</summary>
    public CertificateFields[] Certificates { get; }

    public Anchor Anchor { get; }

    /// <summary>With the anchor, last.</summary>
    public CertificateFields[] All { get; }

    /// <summary>From when on all of it is valid; later than <see cref="ValidUntil"/> where that is never.</summary>
    public DateTime ValidFrom { get; }

    public DateTime ValidUntil { get; }

    public string Name(int index) => index == 0
        ? "the leaf"
        : $"the {(index < Certificates.Length ? "intermediate" : "anchor")} {Wording.Name(All[index].Subject)}";
}
