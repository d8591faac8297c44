using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>X509-SVID §2 to §4, and the ways in which other proxies were talked into a wrong name.</summary>
public sealed class SvidRulesTests
{
    private const string Web = "spiffe://cluster.local/ns/demo/sa/web";
    private const string Email = "1.3.6.1.5.5.7.3.4";
    private const string AnyPurpose = "2.5.29.37.0";

    private static readonly Authority _root = Authority.Root();

    [Theory]
    [InlineData(PeerRole.Server)]
    [InlineData(PeerRole.Client)]
    public void A_leaf_with_one_SPIFFE_ID_is_kept(PeerRole role)
    {
        var inspection = SvidRules.InspectLeaf(_root.Leaf(Web), role);
        Assert.True(inspection.Kept, inspection.Detail);
        Assert.Equal(Web, inspection.Id.ToString());
    }

    [Fact]
    public void Other_kinds_of_names_beside_the_URI_are_allowed() =>
        Kept(shape => shape.Set(CertificateShape.Names(true, (2, "web.demo.svc"), (6, Web), (1, "web@demo"), (7, "\n\0\0\a"))));

    [Fact]
    public void Two_URIs_are_refused() => Refused(shape => shape.Uris = [Web, "spiffe://cluster.local/ns/demo/sa/admin"], "2 URI SANs");

    [Fact]
    public void A_second_URI_of_any_scheme_is_refused() => Refused(shape => shape.Uris = [Web, "https://cluster.local/"], "2 URI SANs");

    [Fact]
    public void The_same_URI_twice_is_refused() => Refused(shape => shape.Uris = [Web, Web], "2 URI SANs");

    [Fact]
    public void A_leaf_without_any_SAN_is_refused() => Refused(shape => shape.Remove(CertificateShape.NamesId), "no URI SAN");

    [Theory]
    [InlineData("http://cluster.local/ns/demo/sa/web")]
    [InlineData("SPIFFE://cluster.local/ns/demo/sa/web")]
    [InlineData("spiffe://Cluster.local/ns/demo/sa/web")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/../sa/web")]
    public void A_URI_that_is_no_SPIFFE_ID_is_refused(string uri) => Refused(shape => shape.Uris = [uri], "no SPIFFE ID");

    [Fact]
    public void A_trust_domain_is_no_workload() => Refused(shape => shape.Uris = ["spiffe://cluster.local"], "no workload");

    // CVE-2022-21656: one kind of name taken for another.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_id_written_as_another_kind_of_name_names_nobody(int kind) =>
        Refused(shape => shape.Set(CertificateShape.Names(true, (kind, Web))), "no URI SAN");

    [Fact]
    public void An_id_written_as_another_name_names_nobody()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.311.20.2.3");
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, Web);
            }
        }
        Refused(shape => shape.Set(new X509Extension(CertificateShape.NamesId, writer.Encode(), true)), "no URI SAN");
    }

    [Fact]
    public void An_id_written_as_the_common_name_names_nobody() => Refused(
        shape =>
        {
            shape.Subject = $"CN={Web}";
            shape.Remove(CertificateShape.NamesId);
        },
        "no URI SAN");

    // CVE-2025-66220, CVE-2026-47778: a name that ends early for a reader in C.
    [Theory]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web\0.evil")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web\0")]
    [InlineData("\0spiffe://cluster.local/ns/demo/sa/web")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web\n")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/w\u001b[2Jeb")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/w\u007feb")]
    [InlineData("spiffe://cluster.local/ns/demo/sa/w\u00e9b")]
    public void A_NUL_control_or_foreign_byte_in_the_URI_is_refused(string uri) => Refused(shape => shape.Uris = [uri], "NUL, control");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_NUL_in_any_other_name_is_refused(int kind) =>
        Refused(shape => shape.Set(CertificateShape.Names(true, (6, Web), (kind, "web\0.evil"))), "NUL, control");

    [Fact]
    public void A_SAN_with_bytes_after_its_end_is_refused()
    {
        var good = CertificateShape.Names(true, (6, Web)).RawData;
        Refused(shape => shape.Set(new X509Extension(CertificateShape.NamesId, [.. good, 5, 0], true)), "malformed");
    }

    [Fact]
    public void An_object_identifier_of_60_000_bytes_is_refused_undecoded()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([6, 0x82, 0xEA, 0x60, 0x2A, .. Enumerable.Repeat((byte)0xFF, 59998), 0x7F]);
        }
        Refused(shape => shape.Set(new X509Extension("2.5.29.37", writer.Encode(), false)), "malformed");
    }

    [Fact]
    public void A_CA_is_no_leaf() => Refused(shape => shape.Set(new X509BasicConstraintsExtension(true, false, 0, true)), "is a CA");

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyEncipherment, "lacks digitalSignature")]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, "sign certificates")]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.CrlSign, "sign certificates")]
    public void A_leaf_of_the_wrong_key_usage_is_refused(X509KeyUsageFlags usage, string problem) => Refused(shape => shape.KeyUsage = usage, problem);

    [Fact]
    public void A_leaf_without_key_usage_is_refused() => Refused(shape => shape.Remove(CertificateShape.KeyUsageId), "lacks digitalSignature");

    [Fact]
    public void A_key_usage_that_is_not_critical_is_refused() =>
        Refused(shape => shape.Set(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: false)), "not marked critical");

    [Fact]
    public void Key_encipherment_and_agreement_are_allowed_beside() =>
        Kept(shape => shape.KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyAgreement);

    [Fact]
    public void An_empty_subject_asks_for_a_critical_SAN()
    {
        Refused(shape => shape.Set(CertificateShape.Names(false, (6, Web))), "not critical");
        Kept(shape =>
        {
            shape.Subject = "O=demo";
            shape.Set(CertificateShape.Names(false, (6, Web)));
        });
    }

    // CVE-2022-21657.
    [Theory]
    [InlineData(PeerRole.Client, "1.3.6.1.5.5.7.3.1")]
    [InlineData(PeerRole.Server, "1.3.6.1.5.5.7.3.2")]
    [InlineData(PeerRole.Client, Email)]
    [InlineData(PeerRole.Server, Email)]
    [InlineData(PeerRole.Client, AnyPurpose)]
    [InlineData(PeerRole.Server, AnyPurpose)]
    public void A_leaf_for_another_purpose_is_refused(PeerRole role, string purpose)
    {
        var inspection = SvidRules.InspectLeaf(_root.Leaf(Web, shape => shape.Purposes = [purpose]), role);
        Assert.Equal(CloseReason.TlsWrongEku, inspection.Refusal);
        Assert.Null(inspection.Id);
    }

    [Fact]
    public void A_leaf_without_extended_key_usage_may_be_either_end() => Kept(shape => shape.Remove("2.5.29.37"));

    [Fact]
    public void A_small_RSA_key_is_refused() => Refused(shape => Rsa(shape, 1024), "1024 bits");

    [Fact]
    public void A_huge_RSA_key_is_refused_before_it_is_used() => Refused(
        shape =>
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteInteger((System.Numerics.BigInteger.One << 16384) - 1);
                writer.WriteInteger(65537);
            }
            shape.Key = new PublicKey(new Oid("1.2.840.113549.1.1.1"), new AsnEncodedData([5, 0]), new AsnEncodedData(writer.Encode()));
        },
        "16384 bits");

    [Fact]
    public void A_huge_RSA_exponent_is_refused() => Refused(
        shape =>
        {
            using var key = RSA.Create(2048);
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteIntegerUnsigned(key.ExportParameters(false).Modulus!);
                writer.WriteInteger((System.Numerics.BigInteger.One << 2000) + 1);
            }
            shape.Key = new PublicKey(new Oid("1.2.840.113549.1.1.1"), new AsnEncodedData([5, 0]), new AsnEncodedData(writer.Encode()));
        },
        "exponent has 2001 bits");

    [Fact]
    public void A_curve_given_by_its_parameters_is_refused() => Refused(
        shape =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var explicitly = key.ExportExplicitParameters(false);
            using var same = ECDsa.Create(explicitly);
            shape.Key = PublicKey.CreateFromSubjectPublicKeyInfo(same.ExportSubjectPublicKeyInfo(), out _);
        },
        "curve");

    [Fact]
    public void An_RSA_leaf_of_usual_size_is_kept() => Kept(shape => Rsa(shape, 2048));

    [Fact]
    public void A_signing_certificate_may_name_its_trust_domain_and_no_workload()
    {
        Assert.Equal("", SvidRules.InspectSigningCertificate(_root.Certificate));
        Assert.Equal("", Signing(shape => shape.Uris = ["spiffe://cluster.local"]));
        Assert.Contains("trust domain", Signing(shape => shape.Uris = [Web]), StringComparison.Ordinal);
        Assert.Contains("trust domain", Signing(shape => shape.Uris = ["Spiffe://cluster.local"]), StringComparison.Ordinal);
        Assert.Contains("trust domain", Signing(shape => shape.Uris = ["spiffe://cluster.local", "spiffe://other.local"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_signing_certificate_is_a_CA_that_may_sign()
    {
        Assert.Contains("not a CA", Signing(shape => shape.Set(new X509BasicConstraintsExtension(false, false, 0, true))), StringComparison.Ordinal);
        Assert.Contains("not a CA", Signing(shape => shape.Remove("2.5.29.19")), StringComparison.Ordinal);
        Assert.Contains("keyCertSign", Signing(shape => shape.KeyUsage = X509KeyUsageFlags.DigitalSignature), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_in_the_bundle_is_said_to_be_no_anchor()
    {
        var leaf = _root.Leaf(Web);
        var error = Assert.Throws<ArgumentException>(() => Trust.Bundle("cluster.local", [leaf]));
        Assert.Contains("cannot be an anchor", error.Message, StringComparison.Ordinal);
    }

    private static string Signing(Action<CertificateShape> change) => SvidRules.InspectSigningCertificate(Authority.Root(change: change).Certificate);

    private static void Rsa(CertificateShape shape, int bits)
    {
        using var key = RSA.Create(bits);
        shape.Key = new PublicKey(key);
    }

    private static void Kept(Action<CertificateShape> change)
    {
        var inspection = SvidRules.InspectLeaf(_root.Leaf(Web, change), PeerRole.Client);
        Assert.True(inspection.Kept, inspection.Detail);
        Assert.Equal(Web, inspection.Id.ToString());
    }

    private static void Refused(Action<CertificateShape> change, string detail)
    {
        var inspection = SvidRules.InspectLeaf(_root.Leaf(Web, change), PeerRole.Client);
        Assert.False(inspection.Kept);
        Assert.Null(inspection.Id);
        Assert.Equal(CloseReason.TlsInvalidSvid, inspection.Refusal);
        Assert.Contains(detail, inspection.Detail, StringComparison.Ordinal);
    }
}
