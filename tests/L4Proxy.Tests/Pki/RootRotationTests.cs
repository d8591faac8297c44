namespace L4Proxy.Tests.Pki;

public sealed class RootRotationTests : IDisposable
{
    private readonly DevelopmentAuthority _authority = new();

    public RootRotationTests() => _authority.MustRun("--workload demo/shop --workload demo/web");

    [Fact]
    public void At_every_step_every_bundle_of_this_and_the_former_step_accepts_every_leaf()
    {
        _authority.MustRun("--workload other/observer");
        Directory.CreateDirectory(_authority.File("former"));
        foreach (var step in new[] { "--new-root", "--workload demo/shop --workload demo/web", "--workload other/observer", "--drop-old-roots" })
        {
            // A proxy that has not read this step's files yet judges by those it has; the observer's bundle stands for it.
            File.WriteAllText(_authority.File("former/root-cert.pem"), _authority.Text("other/observer/root-cert.pem"));
            _authority.MustRun(step);

            Assert.All(new[] { "demo/shop", "demo/web", "other/observer" }, workload =>
            {
                Assert.Equal($"DIR/{workload}/cert-chain.pem: OK\n", _authority.Verify(workload, "demo/shop"));
                Assert.Equal($"DIR/{workload}/cert-chain.pem: OK\n", _authority.Verify(workload, "former"));
            });
        }
    }

    [Fact]
    public void A_new_root_is_trusted_beside_the_old_one_before_it_issues()
    {
        var oldRoot = _authority.Text("root.pem");

        Assert.Contains("bundles hold the new root and the old one; leaves are still the old one's", _authority.MustRun("--new-root"), StringComparison.Ordinal);

        Assert.Equal(_authority.Text("root.pem") + oldRoot, _authority.Text("demo/web/root-cert.pem"));
        Assert.EndsWith(_authority.Text("old-intermediate.pem"), _authority.Text("demo/web/cert-chain.pem"), StringComparison.Ordinal);
        _authority.MustRun("");
        Assert.EndsWith(_authority.Text("intermediate.pem"), _authority.Text("demo/web/cert-chain.pem"), StringComparison.Ordinal);
        Assert.Equal(_authority.Text("root.pem") + oldRoot, _authority.Text("demo/web/root-cert.pem"));
    }

    [Fact]
    public void The_end_of_the_overlap_leaves_nothing_of_the_old_root()
    {
        _authority.MustRun("--crl");
        _authority.MustRun("--new-root");
        _authority.MustRun("");

        _authority.MustRun("--drop-old-roots");

        Assert.Equal(_authority.Text("root.pem"), _authority.Text("demo/shop/root-cert.pem"));
        Assert.Empty(Directory.EnumerateFiles(_authority.Path, "old-*"));
    }

    [Fact]
    public void The_old_root_is_not_dropped_while_its_leaves_are_in_force()
    {
        _authority.MustRun("--new-root");
        _authority.MustRun("--workload demo/shop");
        var before = _authority.Text("demo/shop/root-cert.pem");

        Assert.Equal(
            (1, "", "l4proxy pki dev: leaves of the old root are still in force (demo/web) and would be refused; issue them anew first, with neither --new-root nor --drop-old-roots\n"),
            _authority.Run("--drop-old-roots"));

        Assert.Equal(before, _authority.Text("demo/shop/root-cert.pem"));
    }

    [Theory]
    [InlineData("", "--drop-old-roots", "only one root is trusted; there is nothing to drop")]
    [InlineData("--new-root", "--new-root", "two roots are trusted already; end that with --drop-old-roots before you begin another")]
    public void A_step_out_of_order_is_refused(string first, string second, string reason)
    {
        _authority.MustRun(first);

        Assert.Equal((1, "", $"l4proxy pki dev: {reason}\n"), _authority.Run(second));
    }

    public void Dispose() => _authority.Dispose();
}
