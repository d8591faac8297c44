using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Identity;

namespace L4Proxy.Microbench.Identity;

/// <summary>
/// Asked once per handshake: a leaf with its intermediate, ECDSA P-256, and the root as the only anchor. Leaves out what TLS does before
/// it asks: reading the certificates from the wire.
/// </summary>
public class PeerVerifierBenchmark
{
    private static readonly DateTime _now = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    private readonly TrustDomain _domain = Domain("cluster.local");
    private readonly SpiffeId[] _expected = [Id("spiffe://cluster.local/ns/demo/sa/shop"), Id("spiffe://cluster.local/ns/demo/sa/web")];
    private readonly X509Certificate2 _leaf;
    private readonly X509Certificate2 _stranger;
    private readonly X509Certificate2Collection _presented;
    private readonly TrustBundle _bundle;
    private readonly PeerVerifier _verifier;

    public PeerVerifierBenchmark()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strangerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = Authority("CN=root", "CN=root", rootKey, rootKey);
        _presented = [Authority("CN=intermediate", "CN=root", intermediateKey, rootKey)];
        _leaf = Leaf(intermediateKey);
        _stranger = Leaf(strangerKey);
        _bundle = new TrustBundle(_domain, [root], []);
        _verifier = new PeerVerifier(_domain, [_bundle], []);
    }

    [GlobalSetup]
    public void Check()
    {
        if (!Hit().Accepted || !Hit_expected().Accepted || !Miss().Accepted || Stranger().Accepted)
        {
            throw new InvalidOperationException("PeerVerifier gives wrong answers: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "known peer")]
    [AllocatesNothing]
    public PeerVerdict Hit() => _verifier.Verify(_leaf, _presented, PeerRole.Client, [], _now);

    [Benchmark(Description = "known peer, two identities expected")]
    public PeerVerdict Hit_expected() => _verifier.Verify(_leaf, _presented, PeerRole.Client, _expected, _now);

    [Benchmark(Description = "peer seen first")]
    public PeerVerdict Miss() => new PeerVerifier(_domain, [_bundle], []).Verify(_leaf, _presented, PeerRole.Client, [], _now);

    [Benchmark(Description = "stranger of the same CA name")]
    public PeerVerdict Stranger() => _verifier.Verify(_stranger, _presented, PeerRole.Client, [], _now);

    private static TrustDomain Domain(string name) => TrustDomain.TryParse(name, out var domain, out var problem) ? domain : throw new ArgumentException(problem, nameof(name));

    private static SpiffeId Id(string text) => SpiffeId.TryParse(text, out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(text));

    private static X509Certificate2 Authority(string name, string issuer, ECDsa key, ECDsa signer)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return Signed(request, issuer, signer);
    }

    private static X509Certificate2 Leaf(ECDsa signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://cluster.local/ns/demo/sa/web"));
        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        return Signed(request, "CN=intermediate", signer);
    }

    private static X509Certificate2 Signed(CertificateRequest request, string issuer, ECDsa signer) => request.Create(
        new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(signer),
        new DateTimeOffset(_now.AddDays(-1)), new DateTimeOffset(_now.AddDays(1)), RandomNumberGenerator.GetBytes(16).Prepend((byte)1).ToArray());
}
