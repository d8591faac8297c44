using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>A bundle vouches for its own trust domain and no other; whom we expect is asked after whom we believe.</summary>
public sealed class TrustTests
{
    private readonly Authority _own = Authority.Root("CN=own");
    private readonly Authority _other = Authority.Root("CN=other");

    private PeerVerifier Both => Trust.Of(
        [Trust.Bundle(Trust.Own, [_own.Certificate]), Trust.Bundle("other.org", [_other.Certificate])], "old.local");

    [Fact]
    public void A_peer_of_another_domain_is_judged_by_the_bundle_of_that_domain() =>
        Both.Accepts(_other.Leaf("spiffe://other.org/ns/a/sa/b"));

    [Fact]
    public void Anothers_root_cannot_name_our_workloads() =>
        Both.Refuses(CloseReason.TlsUnknownCa, "leads to an anchor of cluster.local", _other.Leaf("spiffe://cluster.local/ns/a/sa/b"), _other.Certificate);

    [Fact]
    public void Our_root_cannot_name_anothers_workloads() =>
        Both.Refuses(CloseReason.TlsUnknownCa, "leads to an anchor of other.org", _own.Leaf("spiffe://other.org/ns/a/sa/b"), _own.Certificate);

    [Fact]
    public void A_domain_without_a_bundle_is_not_believed() =>
        Both.Refuses(CloseReason.TlsUnknownCa, "no trust bundle for third.org", _own.Leaf("spiffe://third.org/ns/a/sa/b"));

    [Fact]
    public void A_bundle_without_anchors_believes_nobody() =>
        Trust.In().Refuses(CloseReason.TlsUnknownCa, "no anchor", _own.Leaf());

    [Fact]
    public void An_alias_is_judged_by_our_bundle_and_no_other()
    {
        Assert.Equal("spiffe://old.local/ns/a/sa/b", Both.Accepts(_own.Leaf("spiffe://old.local/ns/a/sa/b")).Id.ToString());
        Both.Refuses(CloseReason.TlsUnknownCa, "no anchor of cluster.local", _other.Leaf("spiffe://old.local/ns/a/sa/b"));
    }

    [Fact]
    public void An_alias_equals_our_domain_where_an_identity_is_expected()
    {
        Assert.True(Expecting(_own.Leaf("spiffe://old.local/ns/a/sa/b"), "spiffe://cluster.local/ns/a/sa/b").Accepted);
        Assert.True(Expecting(_own.Leaf("spiffe://cluster.local/ns/a/sa/b"), "spiffe://old.local/ns/a/sa/b").Accepted);
        Expecting(_other.Leaf("spiffe://other.org/ns/a/sa/b"), "spiffe://cluster.local/ns/a/sa/b").Says(CloseReason.TlsSanMismatch, "expected");
    }

    [Fact]
    public void One_of_the_expected_identities_is_enough() =>
        Assert.True(Expecting(_own.Leaf("spiffe://cluster.local/ns/a/sa/b"), "spiffe://cluster.local/ns/x/sa/y", "spiffe://cluster.local/ns/a/sa/b").Accepted);

    [Theory]
    [InlineData("spiffe://cluster.local/ns/a/sa/b2")]
    [InlineData("spiffe://cluster.local/ns/a/sa/B")]
    [InlineData("spiffe://cluster.local/ns/a")]
    [InlineData("spiffe://cluster.local/ns/a/sa/b/c")]
    public void An_unexpected_identity_is_refused_with_both_named(string id) => Expecting(_own.Leaf(id), "spiffe://cluster.local/ns/a/sa/b")
        .Says(CloseReason.TlsSanMismatch, $"expected spiffe://cluster.local/ns/a/sa/b but the peer is {id}");

    [Fact]
    public void A_domain_cannot_have_two_bundles_nor_an_alias_one()
    {
        var bundle = Trust.Bundle("old.local", [_own.Certificate]);
        Assert.Throws<ArgumentException>(() => Trust.Of([bundle, bundle]));
        Assert.Throws<ArgumentException>(() => Trust.Of([bundle], "old.local"));
    }

    [Fact]
    public void Too_many_certificates_are_refused_unread() => Both.Refuses(
        CloseReason.TlsInvalidSvid, "at most 8", _own.Leaf(), [.. Enumerable.Repeat(_own.Certificate, PeerVerifier.MaxPresented + 1)]);

    [Fact]
    public void A_certificate_above_64_KiB_is_refused_unread()
    {
        var huge = _own.Leaf(change: shape => shape.Set(CertificateShape.Names(true, [.. Enumerable.Repeat((2, new string('a', 200)), 400)])));
        Both.Refuses(CloseReason.TlsInvalidSvid, "above 64 KiB", huge);
        Both.Refuses(CloseReason.TlsInvalidSvid, "above 64 KiB", _own.Leaf(), huge);
    }

    [Fact]
    public void Certificates_that_all_signed_each_other_are_given_up_soon()
    {
        // Nine of one name and one key: 8! ways, each link of which is good.
        var first = Authority.Root("CN=knot");
        var knot = Enumerable.Range(0, 8).Select(_ => first.Intermediate("CN=knot", first.Key).Certificate).ToArray();
        Both.Refuses(CloseReason.TlsUnknownCa, "no chain of good signatures", first.Leaf(), knot);
    }

    private PeerVerdict Expecting(System.Security.Cryptography.X509Certificates.X509Certificate2 leaf, params string[] expected) =>
        Both.Verify(leaf, [], PeerRole.Server, [.. expected.Select(Trust.Id)], Authority.Now);
}
