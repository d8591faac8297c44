using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>Which chains lead to trust, whatever else the peer sends and in whatever order.</summary>
public sealed class PathTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_leaf_of_the_anchor_is_accepted()
    {
        var chain = Trust.In(_root).Accepts(_root.Leaf("spiffe://cluster.local/ns/demo/sa/web"));
        Assert.Equal("spiffe://cluster.local/ns/demo/sa/web", chain.Id.ToString());
    }

    [Fact]
    public void No_certificate_is_refused() =>
        Trust.In(_root).Verify(null, [], PeerRole.Client, [], Authority.Now).Says(CloseReason.TlsNoPeerCertificate, "no certificate");

    [Fact]
    public void A_verdict_nobody_gave_accepts_nobody() => Assert.False(default(PeerVerdict).Accepted);

    [Fact]
    public void A_leaf_of_an_intermediate_is_accepted_with_it_and_refused_without()
    {
        var intermediate = _root.Intermediate();
        var leaf = intermediate.Leaf();
        Trust.In(_root).Accepts(leaf, intermediate.Certificate);
        Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "CN=intermediate, which is no anchor of cluster.local and was not sent along", leaf);
    }

    [Fact]
    public void Intermediates_are_taken_in_any_order_with_junk_and_duplicates_between()
    {
        var first = _root.Intermediate("CN=first");
        var second = first.Intermediate("CN=second");
        var leaf = second.Leaf();
        var stranger = Authority.Root("CN=stranger");
        Trust.In(_root).Accepts(
            leaf, stranger.Certificate, first.Certificate, leaf, stranger.Leaf(), second.Certificate, second.Certificate, _root.Certificate);
    }

    [Fact]
    public void A_stranger_is_refused()
    {
        var stranger = Authority.Root("CN=stranger");
        Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "CN=stranger", stranger.Leaf(), stranger.Certificate);
    }

    [Fact]
    public void A_look_alike_of_the_anchor_is_refused()
    {
        var alike = Authority.Root();
        Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", alike.Leaf(), alike.Certificate);
        Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", alike.Leaf(), alike.Certificate, _root.Certificate);
    }

    [Fact]
    public void A_look_alike_of_an_intermediate_anchor_is_refused()
    {
        var intermediate = _root.Intermediate();
        var alike = Authority.Root("CN=intermediate");
        var sameNameOtherRoot = Authority.Root().Intermediate();
        var verifier = Trust.In(intermediate);
        verifier.Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", alike.Leaf(), alike.Certificate);
        verifier.Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", sameNameOtherRoot.Leaf(), sameNameOtherRoot.Certificate);
    }

    [Fact]
    public void A_leaf_that_signed_itself_is_refused()
    {
        var self = Authority.Root("CN=self");
        Trust.In(_root).Refuses(CloseReason.TlsInvalidSvid, "", self.Certificate);
    }

    [Fact]
    public void An_intermediate_is_an_anchor_when_it_stands_in_the_bundle()
    {
        var intermediate = _root.Intermediate();
        var below = intermediate.Intermediate("CN=below");
        var verifier = Trust.In(intermediate);
        verifier.Accepts(intermediate.Leaf());
        verifier.Accepts(intermediate.Leaf(), intermediate.Certificate, _root.Certificate);
        verifier.Accepts(below.Leaf(), below.Certificate);
        verifier.Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", _root.Leaf(), _root.Certificate);
    }

    [Fact]
    public void An_intermediate_and_its_root_may_both_be_anchors()
    {
        var intermediate = _root.Intermediate();
        Trust.In(_root.Certificate, intermediate.Certificate).Accepts(intermediate.Leaf());
        Trust.In(intermediate.Certificate, _root.Certificate).Accepts(_root.Leaf());
    }

    // dotnet/runtime#85830: X509Chain takes the first of the name and fails on its signature.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_roots_of_one_name_both_vouch_for_their_own(bool withKeyIdentifiers)
    {
        var roots = Enumerable.Range(0, 12).Select(_ => Authority.Root("O=cluster.local", change: shape =>
        {
            if (withKeyIdentifiers)
            {
                shape.Set(new X509SubjectKeyIdentifierExtension(shape.Key, critical: false));
            }
        })).ToArray();
        var verifier = Trust.In([.. roots.Select(root => root.Certificate)]);
        foreach (var root in roots)
        {
            var intermediate = root.Intermediate();
            verifier.Accepts(root.Leaf(change: shape => Identify(shape, root)));
            verifier.Accepts(intermediate.Leaf(), intermediate.Certificate);
        }
        verifier.Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", Authority.Root("O=cluster.local").Leaf());

        void Identify(CertificateShape shape, Authority root)
        {
            if (withKeyIdentifiers)
            {
                shape.Set(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root.Certificate, true, false));
            }
        }
    }

    // dotnet/runtime#98921.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cross_signed_intermediate_leads_to_whichever_root_is_ours(bool oursFirst)
    {
        var theirs = Authority.Root("CN=theirs");
        var byTheirs = theirs.Intermediate(change: shape => shape.NotAfter = Authority.Now.AddDays(300));
        var byOurs = _root.Intermediate(key: byTheirs.Key);
        var leaf = byOurs.Leaf();
        Trust.In(_root).Accepts(leaf, oursFirst ? [byOurs.Certificate, byTheirs.Certificate] : [byTheirs.Certificate, byOurs.Certificate]);
        Trust.In(_root).Accepts(leaf, theirs.Certificate, byTheirs.Certificate, byOurs.Certificate);
    }

    [Fact]
    public void A_path_length_is_kept()
    {
        var root = Authority.Root(change: shape => shape.Set(new X509BasicConstraintsExtension(true, true, 1, true)));
        var first = root.Intermediate("CN=first", change: shape => shape.Set(new X509BasicConstraintsExtension(true, true, 0, true)));
        var second = first.Intermediate("CN=second");
        Trust.In(root).Accepts(first.Leaf(), first.Certificate);
        Trust.In(root).Refuses(CloseReason.TlsUnknownCa, "the chain is refused", second.Leaf(), first.Certificate, second.Certificate);
        Trust.In(first).Refuses(CloseReason.TlsUnknownCa, "the chain is refused", second.Leaf(), second.Certificate);
    }

    [Theory]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web", "cluster.local", true)]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web", "other.local", false)]
    public void A_name_constraint_on_URIs_is_kept(string id, string permitted, bool good)
    {
        var intermediate = _root.Intermediate(change: shape => shape.Set(PermittedUris(permitted)));
        if (good)
        {
            Trust.In(_root).Accepts(intermediate.Leaf(id), intermediate.Certificate);
            Trust.In(intermediate).Accepts(intermediate.Leaf(id));
        }
        else
        {
            Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "the chain is refused", intermediate.Leaf(id), intermediate.Certificate);
            Trust.In(intermediate).Refuses(CloseReason.TlsUnknownCa, "the chain is refused", intermediate.Leaf(id));
        }
    }

    [Fact]
    public void A_critical_extension_nobody_knows_is_refused() => Trust.In(_root).Refuses(
        CloseReason.TlsInvalidSvid, "the chain is refused", _root.Leaf(change: shape => shape.Set(new X509Extension("1.3.6.1.4.1.99999.1", [5, 0], critical: true))));

    [Fact]
    public void An_intermediate_that_may_not_sign_is_refused()
    {
        var noAuthority = _root.Intermediate(change: shape => shape.Set(new X509BasicConstraintsExtension(false, false, 0, true)));
        var noUsage = _root.Intermediate(change: shape => shape.KeyUsage = X509KeyUsageFlags.DigitalSignature);
        var workload = _root.Intermediate(change: shape => shape.Uris = ["spiffe://cluster.local/ns/demo/sa/web"]);
        foreach (var intermediate in new[] { noAuthority, noUsage, workload })
        {
            Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "may not sign", intermediate.Leaf(), intermediate.Certificate);
        }
    }

    [Fact]
    public void A_workload_cannot_issue_certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var workload = _root.Intermediate("O=web", key, shape =>
        {
            shape.Set(new X509BasicConstraintsExtension(false, false, 0, true));
            shape.KeyUsage = X509KeyUsageFlags.DigitalSignature;
        });
        Trust.In(_root).Refuses(CloseReason.TlsUnknownCa, "may not sign", workload.Leaf("spiffe://cluster.local/ns/demo/sa/admin"), workload.Certificate);
    }

    [Fact]
    public void An_intermediate_for_another_purpose_is_refused()
    {
        var email = _root.Intermediate(change: shape => shape.Purposes = ["1.3.6.1.5.5.7.3.4"]);
        var both = _root.Intermediate("CN=both", change: shape => shape.Purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
        Trust.In(_root).Refuses(CloseReason.TlsWrongEku, "the chain is refused", email.Leaf(), email.Certificate);
        Trust.In(_root).Accepts(both.Leaf(), both.Certificate);
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    [InlineData("RSA-2048")]
    public void Anchors_of_usual_keys_are_believed(string kind)
    {
        using AsymmetricAlgorithm key = kind.StartsWith("RSA", StringComparison.Ordinal)
            ? RSA.Create(int.Parse(kind[4..], System.Globalization.CultureInfo.InvariantCulture))
            : ECDsa.Create(ECCurve.CreateFromFriendlyName("nistP" + kind[2..]));
        var root = Authority.Root(key: key);
        Trust.In(root).Accepts(root.Leaf());
        if (key is RSA rsa)
        {
            Trust.In(root).Accepts(root.WithSigner(X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pss)).Leaf());
        }
    }

    private static X509Extension PermittedUris(string host)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(host), new Asn1Tag(TagClass.ContextSpecific, 6));
        }
        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }
}
