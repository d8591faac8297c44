using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>Once a domain has a list, every CA of a chain needs one that is signed by it and in force.</summary>
public sealed class RevocationTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_revoked_leaf_is_refused_and_its_siblings_are_not()
    {
        var (bad, good) = (_root.Leaf(), _root.Leaf());
        var verifier = Trust.In(_root, _root.Revokes(bad));
        verifier.Refuses(CloseReason.TlsRevoked, $"the leaf with serial {bad.SerialNumber.TrimStart('0')} is revoked by CN=root", bad);
        verifier.Accepts(good);
        verifier.Refuses(CloseReason.TlsRevoked, "is revoked", bad);
    }

    [Fact]
    public void A_revoked_intermediate_is_refused()
    {
        var intermediate = _root.Intermediate();
        var verifier = Trust.In(_root, _root.Revokes(intermediate.Certificate), intermediate.Revokes());
        verifier.Refuses(CloseReason.TlsRevoked, "the intermediate CN=intermediate", intermediate.Leaf(), intermediate.Certificate);
    }

    [Fact]
    public void A_root_that_revoked_itself_is_refused() =>
        Trust.In(_root, _root.Revokes(_root.Certificate)).Refuses(CloseReason.TlsRevoked, "the anchor CN=root", _root.Leaf());

    [Fact]
    public void Every_CA_of_the_chain_needs_a_list_once_there_is_one()
    {
        var intermediate = _root.Intermediate();
        var leaf = intermediate.Leaf();
        Trust.In(_root, _root.Revokes(), intermediate.Revokes()).Accepts(leaf, intermediate.Certificate);
        Trust.In(_root, _root.Revokes()).Refuses(CloseReason.TlsRevoked, "none is signed by CN=intermediate", leaf, intermediate.Certificate);
        Trust.In(_root, intermediate.Revokes()).Refuses(CloseReason.TlsRevoked, "none is signed by CN=root", leaf, intermediate.Certificate);
        Trust.In(intermediate, intermediate.Revokes()).Accepts(leaf);
    }

    [Fact]
    public void A_list_signed_by_somebody_else_of_that_name_does_not_count()
    {
        var (alike, leaf) = (Authority.Root(), _root.Leaf());
        Trust.In(_root, alike.Revokes(leaf)).Refuses(CloseReason.TlsRevoked, "none is signed by CN=root", leaf);
        Trust.In(_root, alike.Revokes(leaf), _root.Revokes()).Accepts(leaf);
    }

    [Fact]
    public void A_list_by_a_CA_that_may_not_sign_lists_does_not_count()
    {
        var root = Authority.Root(change: shape => shape.KeyUsage = X509KeyUsageFlags.KeyCertSign);
        var able = Authority.Root(key: root.Key);
        Trust.In(root, able.Revokes()).Refuses(CloseReason.TlsRevoked, "none is signed", root.Leaf());
    }

    [Fact]
    public void A_stale_list_refuses_whom_it_should_cover()
    {
        var leaf = _root.Leaf();
        var verifier = Trust.In(_root, Authority.Read(_root.List([], nextUpdate: Authority.Now.AddSeconds(10))));
        verifier.Accepts(leaf);
        verifier.Verify(leaf, [], PeerRole.Client, [], Authority.Now.AddSeconds(13))
            .Says(CloseReason.TlsRevoked, "the revocation list of CN=root is stale: its next update was due at 2026-11-21T12:00:10Z, 3 s ago");
    }

    [Fact]
    public void The_newest_list_of_a_CA_counts()
    {
        var leaf = _root.Leaf();
        var older = Authority.Read(_root.List([leaf], thisUpdate: Authority.Now.AddHours(-3)));
        var newer = Authority.Read(_root.List([], thisUpdate: Authority.Now.AddHours(-2)));
        Trust.In(_root, older, newer).Accepts(leaf);
        Trust.In(_root, newer, older).Accepts(leaf);
        Trust.In(_root, newer, Authority.Read(_root.List([leaf]))).Refuses(CloseReason.TlsRevoked, "is revoked", leaf);
    }

    [Fact]
    public void The_list_of_one_domain_says_nothing_of_another()
    {
        var other = Authority.Root("CN=other");
        var verifier = Trust.Of([Trust.Bundle(Trust.Own, [_root.Certificate], _root.Revokes()), Trust.Bundle("other.org", [other.Certificate])]);
        verifier.Accepts(other.Leaf("spiffe://other.org/ns/a/sa/b"));
    }

    [Theory]
    [InlineData("P-256", "SHA256")]
    [InlineData("P-384", "SHA384")]
    [InlineData("P-521", "SHA512")]
    [InlineData("RSA", "SHA256")]
    public void Lists_of_usual_keys_are_believed(string kind, string hash)
    {
        using AsymmetricAlgorithm key = kind == "RSA" ? RSA.Create(2048) : ECDsa.Create(ECCurve.CreateFromFriendlyName("nistP" + kind[2..]));
        var root = Authority.Root(key: key);
        var leaf = root.Leaf();
        Trust.In(root, Authority.Read(root.List([leaf], hash: new HashAlgorithmName(hash)))).Refuses(CloseReason.TlsRevoked, "is revoked", leaf);
    }
}
