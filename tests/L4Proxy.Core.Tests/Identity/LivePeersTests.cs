using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>A new generation of trust judges who is still connected.</summary>
public sealed class LivePeersTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_live_peer_stays_when_the_new_trust_still_leads_to_it()
    {
        var intermediate = _root.Intermediate();
        var chain = Trust.In(_root).Accepts(intermediate.Leaf(), intermediate.Certificate);
        Assert.True(Trust.In(_root.Certificate, Authority.Root("CN=new").Certificate).Judge(chain).Accepted);
        Assert.True(Trust.In(intermediate).Judge(chain).Accepted);
    }

    [Fact]
    public void A_live_peer_stays_when_its_root_is_renewed_with_the_same_key()
    {
        var chain = Trust.In(_root).Accepts(_root.Leaf());
        Assert.True(Trust.In(Authority.Root(key: _root.Key)).Judge(chain).Accepted);
    }

    [Fact]
    public void A_live_peer_goes_when_its_serial_is_revoked()
    {
        var leaf = _root.Leaf();
        var chain = Trust.In(_root).Accepts(leaf);
        Trust.In(_root, _root.Revokes(leaf)).Judge(chain).Says(CloseReason.TlsRevoked, "the leaf with serial");
        Assert.True(Trust.In(_root, _root.Revokes(_root.Leaf())).Judge(chain).Accepted);
    }

    [Fact]
    public void A_live_peer_goes_when_its_intermediate_is_revoked()
    {
        var intermediate = _root.Intermediate();
        var chain = Trust.In(_root).Accepts(intermediate.Leaf(), intermediate.Certificate);
        Trust.In(_root, _root.Revokes(intermediate.Certificate)).Judge(chain).Says(CloseReason.TlsRevoked, "the intermediate");
    }

    [Fact]
    public void A_live_peer_goes_when_its_anchor_or_its_domain_is_taken_away()
    {
        var chain = Trust.In(_root).Accepts(_root.Leaf());
        Trust.In(Authority.Root()).Judge(chain).Says(CloseReason.TlsUnknownCa, "no chain");
        Trust.Of([]).Judge(chain).Says(CloseReason.TlsUnknownCa, "no trust bundle");
    }

    [Fact]
    public void A_stale_or_missing_list_cuts_nobody_off()
    {
        var intermediate = _root.Intermediate();
        var chain = Trust.In(_root).Accepts(intermediate.Leaf(), intermediate.Certificate);
        Assert.True(Trust.In(_root, Authority.Read(_root.List([], nextUpdate: Authority.Now.AddMinutes(-1)))).Judge(chain).Accepted);
    }

    [Fact]
    public void An_expired_certificate_cuts_nobody_off()
    {
        var old = Authority.Root(change: shape => shape.NotAfter = Authority.Now.AddMinutes(1));
        var chain = Trust.In(old).Accepts(old.Leaf());
        Assert.True(Trust.In(old).Judge(chain).Accepted);
        Assert.Equal(Authority.Now.AddMinutes(1), chain.NotAfter);
    }
}
