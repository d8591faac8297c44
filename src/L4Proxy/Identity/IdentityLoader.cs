using System.Net.Security;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Identity;

/// <summary>Either a generation or at least one problem, never both.</summary>
/// <param name="Problems">Each names its key and file and says what would do.</param>
/// <param name="ValidFrom">When time alone makes it good: it is not valid yet. UTC.</param>
internal sealed record IdentityResult(IdentityGeneration? Generation, IReadOnlyList<string> Problems, DateTime? ValidFrom);

/// <summary>The one way from files to an identity: <c>check</c>, the start and every change go through here. All files together, or none.</summary>
internal sealed class IdentityLoader
{
    private readonly ProxyOptions _options;
    private readonly TrustDomain _domain;
    private readonly TrustDomain[] _aliases;
    private readonly List<string> _problems = [];

    /// <param name="options">Checked: every trust domain is one.</param>
    public IdentityLoader(ProxyOptions options)
    {
        _options = options;
        _domain = Domain(options.Workload.TrustDomain);
        _aliases = [.. options.Identity.TrustDomainAliases.Select(Domain)];
    }

    /// <summary>Judges the files as of now.</summary>
    /// <param name="generation">The number it gets if it is good.</param>
    public IdentityResult Load(IdentityFiles files, int generation, DateTime utcNow)
    {
        _problems.Clear();
        // Each file first, so that all that is wrong can be said at once; then all of them together.
        using var key = Try(() => LeafKey.Of(files.PrivateKey));
        var certificates = Try(() => CertificateBlocks.Of(files.Certificate));
        var anchors = Try(() => Trust.AnchorsOf(files.TrustBundle));
        var federated = files.Federated.Select(bundle => (Domain(bundle.Key), Try(() => Trust.AnchorsOf(bundle.Value))!)).ToList();
        var chain = key is null || certificates is null ? null : Try(() => CertificateChain.Of(files.Certificate, key, files.PrivateKey));
        var authorities = (anchors ?? []).Concat(chain?.Intermediates ?? []).ToList();
        var lists = files.Crl is { } crl ? Try(() => Trust.ListsOf(crl, authorities)) : [];
        if (_problems.Count > 0)
        {
            return new IdentityResult(null, [.. _problems], ValidFrom: null);
        }
        var trust = new Trust(anchors!, lists!, federated);
        var verifier = trust.Verifier(_domain, _aliases);
        var verdict = Judge(chain!, verifier, files.Certificate, utcNow);
        if (verdict is not { Id: { } id, Chain: { } believed })
        {
            return new IdentityResult(null, [.. _problems], verdict.Refusal == CloseReason.TlsNotYetValid ? ValidFrom(chain!, trust, utcNow) : null);
        }
        // Offline: nothing is fetched from the network, neither missing issuers nor OCSP staples.
        var context = SslStreamCertificateContext.Create(chain!.Leaf, chain.Intermediates, offline: true);
        var identity = new WorkloadIdentity(generation, id, context, verifier, believed.NotAfter);
        return new IdentityResult(new IdentityGeneration(identity, [.. trust.Anchors], lists!.Count, files.Fingerprint, utcNow), [], ValidFrom: null);
    }

    /// <summary>As our peers will judge us, in both roles; they have the same bundle, or one that overlaps it.</summary>
    private PeerVerdict Judge(CertificateChain chain, PeerVerifier verifier, IdentityFile file, DateTime utcNow)
    {
        PeerVerdict verdict = default;
        foreach (var role in (ReadOnlySpan<PeerRole>)[PeerRole.Server, PeerRole.Client])
        {
            var inspection = SvidRules.InspectLeaf(chain.Leaf, role);
            if (inspection.Id is { } claimed && !claimed.TrustDomain.Equals(_domain) && !_aliases.Contains(claimed.TrustDomain))
            {
                _problems.Add(file.Refuse($"is of {claimed}, but our trust domain is '{_domain}'; "
                    + $"write 'workload: {{trustDomain: {claimed.TrustDomain}}}', or a certificate of '{_domain}'").Message);
                return default;
            }
            verdict = verifier.Verify(chain.Leaf, chain.Intermediates, role, [], utcNow);
            if (!verdict.Accepted)
            {
                _problems.Add(file.Refuse($"would be refused by every peer: {verdict.Detail}; {WhatWouldDo(verdict.Refusal)}").Message);
                return verdict;
            }
        }
        return verdict;
    }

    private string WhatWouldDo(CloseReason? refusal) => refusal switch
    {
        CloseReason.TlsNotYetValid => "it is taken as soon as it is valid; check the clock",
        CloseReason.TlsExpired => "renew it",
        CloseReason.TlsUnknownCa => $"write the anchor of its issuer into {_options.Identity.TrustBundle} and the intermediates behind the leaf",
        CloseReason.TlsWrongEku => "issue it for serverAuth and clientAuth",
        CloseReason.TlsInvalidSvid => "issue it as an X.509-SVID: one URI SAN, no CA, digitalSignature",
        _ => "issue another, or write another bundle or revocation list",
    };

    private static DateTime? ValidFrom(CertificateChain chain, Trust trust, DateTime utcNow) => chain.Intermediates.Append(chain.Leaf).Concat(trust.Own)
        .Select(certificate => certificate.NotBefore.ToUniversalTime()).Where(begins => begins > utcNow).Order().Cast<DateTime?>().FirstOrDefault();

    private T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (IdentityException error)
        {
            _problems.Add(error.Message);
            return null;
        }
    }

    private static TrustDomain Domain(string name) =>
        TrustDomain.TryParse(name, out var domain, out _) ? domain : throw new ArgumentException($"'{name}' is not a trust domain", nameof(name));
}
