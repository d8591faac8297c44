using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>Time is asked for at every use, of every certificate of the chain, to the second.</summary>
public sealed class ValidityTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_leaf_is_good_from_its_first_second_to_its_last()
    {
        var verifier = Trust.In(_root);
        var leaf = _root.Leaf();
        var (first, last) = (Authority.Now.AddMinutes(-2), Authority.Now.AddHours(24));
        Assert.True(At(verifier, leaf, first).Accepted);
        Assert.True(At(verifier, leaf, last).Accepted);
        At(verifier, leaf, last.AddSeconds(1)).Says(CloseReason.TlsExpired, "the leaf expired at 2026-11-22T12:00:00Z, 1 s ago");
        At(verifier, leaf, first.AddSeconds(-1)).Says(CloseReason.TlsNotYetValid, "the leaf is valid from 2026-11-21T11:58:00Z on, in 1 s");
        At(verifier, leaf, last.AddDays(3)).Says(CloseReason.TlsExpired, "3 days ago");
        Assert.True(At(verifier, leaf, Authority.Now).Accepted);
    }

    [Fact]
    public void A_peer_never_seen_in_time_is_refused_by_time_too()
    {
        var leaf = _root.Leaf();
        At(Trust.In(_root), leaf, Authority.Now.AddDays(2)).Says(CloseReason.TlsExpired, "the leaf");
        At(Trust.In(_root), leaf, Authority.Now.AddHours(-1)).Says(CloseReason.TlsNotYetValid, "the leaf");
    }

    [Fact]
    public void An_intermediate_out_of_time_is_refused()
    {
        var expired = _root.Intermediate(change: shape => shape.NotAfter = Authority.Now.AddSeconds(-1));
        var early = _root.Intermediate("CN=early", change: shape => shape.NotBefore = Authority.Now.AddSeconds(1));
        Trust.In(_root).Refuses(CloseReason.TlsExpired, "the intermediate CN=intermediate", expired.Leaf(), expired.Certificate);
        Trust.In(_root).Refuses(CloseReason.TlsNotYetValid, "the intermediate CN=early", early.Leaf(), early.Certificate);
    }

    [Fact]
    public void An_expired_anchor_is_not_believed()
    {
        var root = Authority.Root(change: shape => shape.NotAfter = Authority.Now.AddSeconds(-1));
        Trust.In(root).Refuses(CloseReason.TlsExpired, "the anchor CN=root", root.Leaf());
        var intermediate = _root.Intermediate(change: shape => shape.NotAfter = Authority.Now.AddSeconds(-1));
        Trust.In(intermediate).Refuses(CloseReason.TlsExpired, "the anchor CN=intermediate", intermediate.Leaf());
    }

    [Fact]
    public void A_renewed_anchor_of_the_same_key_takes_over_when_the_old_one_expires()
    {
        var old = Authority.Root(change: shape => shape.NotAfter = Authority.Now.AddMinutes(1));
        var renewed = Authority.Root(key: old.Key);
        var leaf = old.Leaf();
        foreach (var verifier in new[] { Trust.In(old.Certificate, renewed.Certificate), Trust.In(renewed.Certificate, old.Certificate) })
        {
            Assert.True(At(verifier, leaf, Authority.Now).Accepted);
            Assert.True(At(verifier, leaf, Authority.Now.AddMinutes(2)).Accepted);
            Assert.True(At(verifier, leaf, Authority.Now).Accepted);
        }
    }

    [Fact]
    public void Certificates_never_valid_together_are_refused()
    {
        var old = Authority.Root(change: shape => shape.NotAfter = Authority.Now.AddHours(-1));
        Trust.In(old).Refuses(CloseReason.TlsExpired, "at no time valid together", old.Leaf());
    }

    [Fact]
    public void A_chain_ends_with_the_first_of_its_certificates()
    {
        var intermediate = _root.Intermediate(change: shape => shape.NotAfter = Authority.Now.AddHours(2));
        Assert.Equal(Authority.Now.AddHours(2), Trust.In(_root).Accepts(intermediate.Leaf(), intermediate.Certificate).NotAfter);
    }

    private static PeerVerdict At(PeerVerifier verifier, System.Security.Cryptography.X509Certificates.X509Certificate2 leaf, DateTime time) =>
        verifier.Verify(leaf, [], PeerRole.Server, [], time);
}
