using System.Security.Cryptography;
using System.Text;
using L4Proxy.Identity;

namespace L4Proxy.Tests.Identity;

/// <summary>The same certificates in every shape people and tools write them: the same identity each time.</summary>
public sealed class PemShapeTests : IDisposable
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly IdentityDirectory _files;
    private readonly TestLeaf _leaf;

    public PemShapeTests()
    {
        _files = new IdentityDirectory(_now);
        _leaf = _files.WriteGood();
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_good_set_is_an_identity() => ExpectTheIdentity();

    [Fact]
    public void Windows_line_ends_make_no_difference() => ExpectTheIdentityWhenEvery(text => text.ReplaceLineEndings("\r\n"));

    [Fact]
    public void A_missing_final_line_end_makes_no_difference() => ExpectTheIdentityWhenEvery(text => text.TrimEnd());

    [Fact]
    public void Blank_lines_make_no_difference() => ExpectTheIdentityWhenEvery(text => "\n\n" + text.Replace("-----BEGIN", "\n \t\n-----BEGIN", StringComparison.Ordinal) + "\n\n\n");

    [Fact]
    public void Blank_lines_within_a_block_make_no_difference() => ExpectTheIdentityWhenEvery(text => text.Replace("\n", "\n\n", StringComparison.Ordinal));

    [Fact]
    public void Text_between_the_blocks_makes_no_difference() => ExpectTheIdentityWhenEvery(text =>
        text.Replace("-----BEGIN", "# Größe, über: Bag Attributes\nsubject=CN = x\n-----BEGIN", StringComparison.Ordinal) + "\n# end\n");

    [Fact]
    public void Spaces_around_the_lines_make_no_difference() => ExpectTheIdentityWhenEvery(text =>
        string.Join('\n', text.Split('\n').Select(line => $"    {line}  ")));

    [Fact]
    public void A_byte_order_mark_makes_no_difference()
    {
        foreach (var name in (string[])["cert-chain.pem", "key.pem", "root-cert.pem"])
        {
            _files.Write(name, [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(_files.File(name))]);
        }
        ExpectTheIdentity();
    }

    [Fact]
    public void Duplicate_roots_are_one()
    {
        _files.Write("root-cert.pem", _files.Root.Pem + "\n" + _files.Root.Pem + "\n");

        Assert.Single(ExpectTheIdentity().Anchors);
    }

    [Fact]
    public void Certificates_in_any_order_are_sent_leaf_first()
    {
        var second = _files.Intermediate.Intermediate("second");
        var leaf = second.Issue();
        _files.WriteGood(leaf);
        // Backwards, with a stranger and the root, which nobody needs to be sent.
        _files.Write("cert-chain.pem", string.Join('\n', _files.Root.Pem, TestAuthority.Root(_now, "stranger").Pem, _files.Intermediate.Pem, second.Pem, leaf.Pem));

        var generation = _files.Load(_now).Generation!;

        Assert.Equal(leaf.Certificate.Thumbprint, generation.Leaf.Thumbprint);
        Assert.Equal("CN=second CN=intermediate", string.Join(' ', generation.Intermediates.Select(intermediate => intermediate.Subject)));
    }

    [Fact]
    public void Key_and_certificates_may_share_a_file()
    {
        var all = _files.Write("all.pem", string.Join('\n', _leaf.KeyPem, _files.Intermediate.Pem, _leaf.Pem));
        _files.Options = _files.Options with { Identity = _files.Options.Identity with { Certificate = all, PrivateKey = all } };

        ExpectTheIdentity();
    }

    [Fact]
    public void An_anchor_may_be_an_intermediate()
    {
        _files.Write("root-cert.pem", _files.Intermediate.Pem);

        ExpectTheIdentity();
    }

    [Theory]
    [InlineData("P-256", false)]
    [InlineData("P-256", true)]
    [InlineData("P-384", false)]
    [InlineData("RSA", false)]
    [InlineData("RSA", true)]
    public void Keys_may_be_pkcs8_sec1_or_pkcs1(string kind, bool traditional)
    {
        AsymmetricAlgorithm key = kind switch
        {
            "RSA" => RSA.Create(2048),
            "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        };
        var leaf = _files.WriteGood(_files.Intermediate.Issue(key: key));
        // 'openssl ecparam -genkey' writes the curve before the key.
        _files.Write("key.pem", traditional ? "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + leaf.TraditionalKeyPem : leaf.KeyPem);

        ExpectTheIdentity();
    }

    [Fact]
    public async Task What_is_sent_in_a_handshake_is_the_leaf_with_its_intermediates()
    {
        _files.Write("cert-chain.pem", _files.Intermediate.Pem + "\n" + _leaf.Pem);
        var generation = ExpectTheIdentity();

        var (leaf, presented) = await HandshakePeers.ShowAsync(generation.Identity.Certificate);

        Assert.Equal((_leaf.Certificate.Thumbprint, _files.Intermediate.Certificate.Thumbprint), (leaf, Assert.Single(presented)));
    }

    private void ExpectTheIdentityWhenEvery(Func<string, string> shape)
    {
        foreach (var name in (string[])["cert-chain.pem", "key.pem", "root-cert.pem"])
        {
            var text = File.ReadAllText(_files.File(name)) + "\n";
            File.WriteAllText(_files.File(name), shape(text), Encoding.Latin1);
        }
        ExpectTheIdentity();
    }

    private IdentityGeneration ExpectTheIdentity()
    {
        var result = _files.Load(_now);
        Assert.Empty(result.Problems);
        Assert.Equal("spiffe://cluster.local/ns/demo/sa/web", result.Generation!.Identity.Id.ToString());
        Assert.True(result.Generation.Leaf.HasPrivateKey);
        return result.Generation;
    }
}
