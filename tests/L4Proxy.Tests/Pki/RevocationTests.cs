namespace L4Proxy.Tests.Pki;

public sealed class RevocationTests : IDisposable
{
    private readonly DevelopmentAuthority _authority = new();

    public RevocationTests() => _authority.MustRun("--workload demo/shop --workload demo/web");

    [Fact]
    public void OpenSSL_finds_a_list_of_every_authority_and_nobody_revoked()
    {
        _authority.MustRun("--crl");

        Assert.Equal("DIR/demo/web/cert-chain.pem: OK\n", Verify("demo/web"));
    }

    [Fact]
    public void A_revoked_leaf_is_refused_and_the_one_that_follows_it_is_not()
    {
        Assert.Contains("revoked the leaf of demo/web\n", _authority.MustRun("--revoke demo/web"), StringComparison.Ordinal);
        Assert.Contains("certificate revoked", Verify("demo/web"), StringComparison.Ordinal);
        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", Verify("demo/shop"));

        _authority.MustRun("--workload demo/web");

        Assert.Equal("DIR/demo/web/cert-chain.pem: OK\n", Verify("demo/web"));
    }

    [Fact]
    public void What_was_revoked_stays_so_in_later_lists()
    {
        var revoked = _authority.Text("demo/web/cert-chain.pem");
        _authority.MustRun("--revoke demo/web --workload demo/web");
        _authority.MustRun("--revoke demo/shop");
        _authority.MustRun("");

        File.WriteAllText(Directory.CreateDirectory(_authority.File("kept")).FullName + "/cert-chain.pem", revoked);
        Assert.Contains("certificate revoked", Verify("kept"), StringComparison.Ordinal);
    }

    [Fact]
    public void While_two_roots_are_trusted_leaves_of_both_are_covered_and_can_be_revoked()
    {
        _authority.MustRun("--crl");
        _authority.MustRun("--new-root");
        _authority.MustRun("--workload demo/shop");
        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", Verify("demo/shop"));
        Assert.Equal("DIR/demo/web/cert-chain.pem: OK\n", Verify("demo/web"));

        _authority.MustRun("--revoke demo/shop --revoke demo/web");

        Assert.Contains("certificate revoked", Verify("demo/shop"), StringComparison.Ordinal);
        Assert.Contains("certificate revoked", Verify("demo/web"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_revoked_who_has_no_certificate() => Assert.Equal(
        (1, "", "l4proxy pki dev: demo/mail has no certificate in DIR that could be revoked\n"), _authority.Run("--revoke demo/shop --revoke demo/mail"));

    private string Verify(string workload) =>
        _authority.Verify(workload, "demo/shop", "-crl_check_all", "-CRLfile", _authority.File("ca-crl.pem"));

    public void Dispose() => _authority.Dispose();
}
