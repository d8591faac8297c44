using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>What was believed once is not computed again, and nothing else is believed because of it.</summary>
public sealed class MemoryOfPeersTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void The_same_peer_is_remembered_whichever_object_holds_its_bytes()
    {
        var verifier = Trust.In(_root);
        var leaf = _root.Leaf();
        var chain = verifier.Accepts(leaf);
        Assert.Same(chain, verifier.Accepts(leaf));
        Assert.Same(chain, verifier.Accepts(X509CertificateLoader.LoadCertificate(leaf.RawData)));
    }

    [Fact]
    public void No_changed_byte_is_served_from_memory()
    {
        var verifier = Trust.In(_root);
        var intermediate = _root.Intermediate();
        var leaf = intermediate.Leaf();
        var known = verifier.Accepts(leaf, intermediate.Certificate);
        var changed = 0;
        for (var i = 0; i < leaf.RawData.Length; i++)
        {
            if (Changed(leaf, i) is { } other)
            {
                changed++;
                Assert.False(verifier.Judges(other, intermediate.Certificate).Accepted, $"byte {i} of the leaf");
            }
        }
        Assert.InRange(changed, 100, int.MaxValue);
        // A changed intermediate cannot make the path; the leaf then has none.
        Assert.False(verifier.Judges(leaf, Changed(intermediate.Certificate, intermediate.Certificate.RawData.Length - 5)!).Accepted);
        Assert.False(verifier.Judges(leaf).Accepted);
        Assert.Same(known, verifier.Accepts(leaf, intermediate.Certificate));
    }

    [Fact]
    public void Another_role_is_judged_anew()
    {
        var verifier = Trust.In(_root);
        var leaf = _root.Leaf(change: shape => shape.Purposes = ["1.3.6.1.5.5.7.3.2"]);
        Assert.True(verifier.Verify(leaf, [], PeerRole.Client, [], Authority.Now).Accepted);
        verifier.Verify(leaf, [], PeerRole.Server, [], Authority.Now).Says(CloseReason.TlsWrongEku, "serverAuth");
    }

    [Fact]
    public void Another_generation_of_trust_knows_nothing_of_the_last()
    {
        var leaf = _root.Leaf();
        Trust.In(_root).Accepts(leaf);
        Trust.In(_root, _root.Revokes(leaf)).Refuses(CloseReason.TlsRevoked, "is revoked", leaf);
        Trust.In(Authority.Root("CN=new")).Refuses(CloseReason.TlsUnknownCa, "no anchor", leaf);
    }

    [Fact]
    public void Whom_we_expect_is_asked_every_time()
    {
        var verifier = Trust.In(_root);
        var leaf = _root.Leaf("spiffe://cluster.local/ns/demo/sa/web");
        Assert.True(Expecting("spiffe://cluster.local/ns/demo/sa/web").Accepted);
        Expecting("spiffe://cluster.local/ns/demo/sa/shop").Says(CloseReason.TlsSanMismatch, "expected");
        Assert.True(Expecting("spiffe://cluster.local/ns/demo/sa/web").Accepted);

        PeerVerdict Expecting(string id) => verifier.Verify(leaf, [], PeerRole.Client, [Trust.Id(id)], Authority.Now);
    }

    [Fact]
    public void Strangers_push_nobody_out()
    {
        var verifier = Trust.In(_root);
        var leaf = _root.Leaf();
        var chain = verifier.Accepts(leaf);
        var stranger = Authority.Root("CN=stranger");
        for (var i = 0; i < 100; i++)
        {
            Assert.False(verifier.Judges(stranger.Leaf()).Accepted);
        }
        Assert.Same(chain, verifier.Accepts(leaf));
    }

    [Fact]
    public void It_is_bounded_and_keeps_what_is_asked_for()
    {
        var verified = new VerifiedPeers(capacity: 8);
        var path = new PathSearch([], [Anchor.Read(_root.Certificate)]);
        Assert.True(CertificateFields.TryRead(_root.Leaf().RawDataMemory, out var leaf));
        var peer = new VerifiedPeer(Trust.Id("spiffe://td/x"), PeerRole.Client, path.From(leaf).First(), Revocation.Of(path.From(leaf).First(), []));
        var wanted = new ChainKey(0, 0);
        verified.Add(wanted, peer);
        for (UInt128 i = 1; i < 1000; i++)
        {
            verified.Add(new ChainKey(i, i), peer);
            Assert.True(verified.TryGet(wanted, out _));
            Assert.InRange(verified.Count, 1, 8);
        }
        Assert.False(verified.TryGet(new ChainKey(1, 1), out _));
    }

    [Fact]
    public void Many_threads_get_the_answers_one_would()
    {
        var (good, revoked, stranger) = (_root.Leaf(), _root.Leaf(), Authority.Root("CN=stranger").Leaf());
        var verifier = Trust.In(_root, _root.Revokes(revoked));
        Parallel.For(0, 2000, i =>
        {
            Assert.True(verifier.Judges(good).Accepted);
            Assert.Equal(CloseReason.TlsRevoked, i % 20 == 0 ? verifier.Judges(revoked).Refusal : CloseReason.TlsRevoked);
            Assert.Equal(CloseReason.TlsUnknownCa, i % 20 == 0 ? verifier.Judges(stranger).Refusal : CloseReason.TlsUnknownCa);
        });
    }

    /// <summary>Null where the change makes bytes that are no certificate.</summary>
    private static X509Certificate2? Changed(X509Certificate2 certificate, int at)
    {
        var bytes = certificate.RawData;
        bytes[at] ^= 1;
        try
        {
            var changed = X509CertificateLoader.LoadCertificate(bytes);
            return changed.RawData.AsSpan().SequenceEqual(bytes) ? changed : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
