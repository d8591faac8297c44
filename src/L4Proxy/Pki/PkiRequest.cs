namespace L4Proxy.Pki;

/// <summary>What one run of <c>pki dev</c> is asked for.</summary>
/// <param name="Directory">Where everything is kept, the keys of the authority included.</param>
internal sealed record PkiRequest(string Directory)
{
    /// <summary>Who gets a certificate; without any: everybody who has one, unless only revocation is asked for.</summary>
    public IReadOnlyList<PkiWorkload> Workloads { get; init; } = [];

    /// <summary>Null: the one the directory was begun with, <c>cluster.local</c> for a new one.</summary>
    public string? TrustDomain { get; init; }

    public TimeSpan LeafLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Of roots and intermediates, when they are made.</summary>
    public TimeSpan AuthorityLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Begins a new root beside the present one: bundles hold both, leaves are still the old root's.</summary>
    public bool NewRoot { get; init; }

    /// <summary>Ends the overlap.</summary>
    public bool DropOldRoots { get; init; }

    /// <summary>Writes revocation lists, from now on with every run.</summary>
    public bool Crl { get; init; }

    /// <summary>Whose present leaf is revoked.</summary>
    public IReadOnlyList<PkiWorkload> Revoked { get; init; } = [];

    /// <summary>Who may read the workloads' keys; null: whom a former run gave them to, else who runs this.</summary>
    public FileOwner? Owner { get; init; }
}
