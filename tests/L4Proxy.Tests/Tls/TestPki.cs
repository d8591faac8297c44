using System.Formats.Asn1;
using System.Security.Cryptography;
using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Tls;

/// <summary>
/// The certificates of a mesh and of its broken members, made anew for each run: root, intermediate, leaves signed by the intermediate, as
/// files for our proxy and for foreign programs.
/// </summary>
public sealed class TestPki : IDisposable
{
    internal const string TrustDomain = "cluster.local";

    private readonly TemporaryDirectory _directory = new();
    private readonly Authority _root = Authority.Root("root");
    private readonly Authority _otherRoot = Authority.Root("another root");
    private readonly Authority _intermediate;

    public TestPki()
    {
        _intermediate = _root.Intermediate("intermediate");
        RootFile = Write("root.pem", _root.Pem);
        OtherRootFile = Write("other-root.pem", _otherRoot.Pem);
        IntermediateFile = Write("intermediate.pem", _intermediate.Pem);
        Shop = Issue("shop");
        Web = Issue("web");
        Revoked = Issue("revoked");
        // Every authority of a chain is covered, as Envoy wants it of a list that is configured at all.
        CrlFile = Write("crl.pem", _intermediate.RevocationList(File.ReadAllText(Revoked.Certificate)) + _root.RevocationList());
    }

    internal string RootFile { get; }
    internal string OtherRootFile { get; }
    internal string IntermediateFile { get; }

    /// <summary>Lists of root and intermediate; <see cref="Revoked"/> is on the latter.</summary>
    internal string CrlFile { get; }

    /// <summary>The one that dials, wherever both ends are good.</summary>
    internal Leaf Shop { get; }

    /// <summary>The one that is dialled.</summary>
    internal Leaf Web { get; }
    internal Leaf Revoked { get; }

    public static string IdOf(string account, string trustDomain = TrustDomain) => $"spiffe://{trustDomain}/ns/demo/sa/{account}";

    /// <summary>A leaf of the intermediate.</summary>
    internal Leaf Issue(string account, LeafRequest? wanted = null, string trustDomain = TrustDomain) =>
        Issue(_intermediate, _intermediate.Pem, account, wanted ?? new(), IdOf(account, trustDomain));

    /// <summary>A leaf with a good name of a root nobody trusts.</summary>
    internal Leaf IssueByOtherRoot(string account) => Issue(_otherRoot, "", account, new(), IdOf(account));

    /// <summary>
    /// The certificate of one workload with the key of nobody. The public half in the key file is the certificate's, which is all that OpenSSL
    /// compares when it loads the pair; what it then signs proves nothing.
    /// </summary>
    internal Leaf Forge(Leaf victim)
    {
        using var genuine = ECDsa.Create();
        genuine.ImportFromPem(File.ReadAllText(victim.Key));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shown = genuine.ExportParameters(false).Q;
        // RFC 5915: version, private key, [0] curve, [1] public key.
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteOctetString(stranger.ExportParameters(true).D);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                writer.WriteObjectIdentifier("1.2.840.10045.3.1.7");
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                writer.WriteBitString([4, .. shown.X!, .. shown.Y!]);
            }
        }
        var key = PemEncoding.WriteString("EC PRIVATE KEY", writer.Encode()) + "\n";
        return victim with
        {
            Key = Write("forged.key", key), All = Write("forged-all.pem", File.ReadAllText(victim.Chain) + key),
        };
    }

    /// <summary>The section of the proxy's configuration that makes it this workload.</summary>
    internal string IdentityOf(Leaf leaf, bool revocation = false) =>
        $$"""identity: {source: files, certificate: "{{leaf.Chain}}", privateKey: "{{leaf.Key}}", trustBundle: "{{RootFile}}"{{(revocation ? $", crl: \"{CrlFile}\"" : "")}} }""";

    /// <summary>A file beside the others.</summary>
    internal string Write(string name, string text)
    {
        var path = _directory.File(name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        _otherRoot.Dispose();
        _intermediate.Dispose();
        _directory.Dispose();
    }

    private Leaf Issue(Authority issuer, string above, string account, LeafRequest wanted, string id)
    {
        var (certificate, key) = issuer.Leaf(id, wanted);
        using (certificate)
        using (key)
        {
            var (leafPem, keyPem) = (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
            return new(id,
                Write($"{account}.pem", leafPem),
                Write($"{account}-chain.pem", leafPem + above + "\n"),
                Write($"{account}.key", keyPem),
                Write($"{account}-all.pem", leafPem + above + "\n" + keyPem));
        }
    }
}
