using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Configuration;
using L4Proxy.Core.Identity;
namespace L4Proxy.Identity;
internal static class IdentitySources { public static IIdentitySource Of(IdentityOptions o) => o.Source == IdentitySource.None ? new NoIdentitySource() : new TempSource(o); }
internal sealed class TempSource(IdentityOptions o) : IIdentitySource
{
    public WorkloadIdentity? Current { get; private set; }
    public void Start(Action<WorkloadIdentity> changed)
    {
        var all = new X509Certificate2Collection(); all.ImportFromPemFile(o.Certificate);
        var leaf = X509Certificate2.CreateFromPemFile(o.Certificate, o.PrivateKey);
        var rest = new X509Certificate2Collection(); foreach (var c in all.Skip(1)) rest.Add(c);
        var anchors = new X509Certificate2Collection(); anchors.ImportFromPemFile(o.TrustBundle);
        var id = SvidId(leaf);
        Current = new WorkloadIdentity(1, id, SslStreamCertificateContext.Create(leaf, rest, offline: true), new PeerVerifier(id.TrustDomain, [new TrustBundle(id.TrustDomain, [.. anchors], [])], []), leaf.NotAfter);
        changed(Current);
    }
    private static SpiffeId SvidId(X509Certificate2 leaf) { var ext = leaf.Extensions.First(e => e.Oid!.Value == "2.5.29.17"); var t = new System.Formats.Asn1.AsnReader(ext.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence(); var uri = t.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6)); return SpiffeId.TryParse(uri, out var id, out _) ? id : throw new IOException(); }
    public ValueTask DisposeAsync() => default;
}
