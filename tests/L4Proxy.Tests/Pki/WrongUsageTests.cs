namespace L4Proxy.Tests.Pki;

public sealed class WrongUsageTests : IDisposable
{
    private readonly DevelopmentAuthority _authority = new();

    [Theory]
    [InlineData("--workload shop", "--workload: 'shop' is not a workload; write NAMESPACE/SERVICEACCOUNT, such as demo/shop")]
    [InlineData("--workload demo/shop/2", "--workload: 'demo/shop/2' is not a workload; write NAMESPACE/SERVICEACCOUNT, such as demo/shop")]
    [InlineData("--workload my.demo/shop", "--workload: 'my.demo' is not a Kubernetes namespace; use lower-case letters, digits and '-', at most 63")]
    [InlineData("--workload demo/..", "--workload: '..' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("--workload ../shop", "--workload: '..' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("--revoke Demo/shop", "--revoke: 'Demo' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("--trust-domain spiffe://a", "--trust-domain: 'spiffe://a' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://")]
    [InlineData("--ttl 9s", "--ttl: '9s' is not accepted; write a whole number and one unit (s, m or h), from 10s to 1176h")]
    [InlineData("--ttl 3600", "--ttl: '3600' is not accepted; write a whole number and one unit (s, m or h), from 10s to 1176h")]
    [InlineData("--ca-ttl 365d", "--ca-ttl: '365d' is not accepted; write a whole number and one unit (s, m or h), from 10s to 1176h")]
    [InlineData("--owner nobody", "--owner: 'nobody' is not a user and a group; write their numbers, such as 1337:1337")]
    [InlineData("--new-root --drop-old-roots", "--drop-old-roots: not together with --new-root; proxies need the time between to read both roots")]
    public void A_wrong_option_is_named_with_what_would_do_and_nothing_is_written(string options, string expected)
    {
        Assert.Equal((2, "", expected + "\n"), _authority.Run(options));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_authority.Path));
    }

    [Fact]
    public void Every_wrong_option_is_named_at_once()
    {
        var (code, _, error) = _authority.Run("--workload a --workload b --ttl 1s --owner x");

        Assert.Equal((2, 4), (code, error.Count(letter => letter == '\n')));
    }

    [Theory]
    [InlineData("", "DIR holds no workload to issue anew; name one with --workload NAMESPACE/SERVICEACCOUNT")]
    [InlineData("--new-root", "DIR holds no root that a new one could replace; leave --new-root out")]
    [InlineData("--workload demo/shop --ca-ttl 1h", "a leaf would outlive its root; give a --ttl that is not above --ca-ttl")]
    public void An_empty_directory_cannot_do_everything_and_stays_empty(string options, string reason)
    {
        Assert.Equal((1, "", $"l4proxy pki dev: {reason}\n"), _authority.Run(options));

        Assert.Equal(".lock", Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(_authority.Path))));
    }

    [Fact]
    public void A_directory_of_another_trust_domain_is_left_alone()
    {
        _authority.MustRun("--workload demo/shop --trust-domain mesh.example");

        Assert.Equal(
            (1, "", "l4proxy pki dev: the root in DIR is of the trust domain 'mesh.example', not 'cluster.local'; use another directory for another trust domain\n"),
            _authority.Run("--workload demo/shop --trust-domain cluster.local"));
        Assert.Contains("spiffe://mesh.example/ns/demo/sa/web", _authority.MustRun("--workload demo/web"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_never_outlives_its_root()
    {
        _authority.MustRun("--workload demo/shop --ttl 10s --ca-ttl 1h");

        Assert.Matches(
            @"^l4proxy pki dev: the root expires at .* UTC, before a leaf would; give a shorter --ttl, or begin a new root with --new-root\n$",
            _authority.Run("").Error);
    }

    [Fact]
    public void A_root_that_runs_out_can_still_be_replaced()
    {
        _authority.MustRun("--workload demo/shop --ttl 10s --ca-ttl 1h");

        _authority.MustRun("--new-root --ttl 30m");
        _authority.MustRun("--ttl 30m");
        _authority.MustRun("--drop-old-roots");
        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", _authority.Verify("demo/shop", "demo/shop"));
    }

    [Theory]
    [InlineData("root.key", "DIR holds a part of a certificate authority: root.key is missing; put it back, or use an empty directory")]
    [InlineData("intermediate.pem", "DIR holds a part of a certificate authority: intermediate.pem is missing; put it back, or use an empty directory")]
    public void A_part_of_an_authority_is_not_made_whole_by_a_new_one(string lost, string reason)
    {
        _authority.MustRun("--workload demo/shop");
        File.Delete(_authority.File(lost));

        Assert.Equal((1, "", $"l4proxy pki dev: {reason}\n"), _authority.Run(""));
    }

    [Fact]
    public void A_key_of_another_certificate_is_found_out()
    {
        _authority.MustRun("--workload demo/shop");
        File.Copy(_authority.File("intermediate.key"), _authority.File("root.key"), overwrite: true);

        var (code, _, error) = _authority.Run("");

        Assert.Equal(1, code);
        Assert.StartsWith("l4proxy pki dev: the certificate authority in DIR cannot be read (", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_at_once_do_not_mix()
    {
        _authority.MustRun("--workload demo/shop");
        using var other = new FileStream(_authority.File(".lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var (code, _, error) = _authority.Run("");

        Assert.Equal(1, code);
        Assert.StartsWith("l4proxy pki dev: another run is at work in DIR", error, StringComparison.Ordinal);
    }

    public void Dispose() => _authority.Dispose();
}
