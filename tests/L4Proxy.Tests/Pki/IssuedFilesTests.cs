using System.Security.Cryptography.X509Certificates;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Pki;

public sealed class IssuedFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DevelopmentAuthority _authority = new();

    [Fact]
    public void Every_workload_gets_chain_key_and_bundle_and_says_when_they_expire()
    {
        var output = _authority.MustRun("--workload demo/shop --workload data/store.replica --trust-domain mesh.example");

        Assert.Matches(@"issued spiffe://mesh\.example/ns/demo/sa/shop: DIR/demo/shop, valid until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", output);
        Assert.EndsWith(
            "identity: {source: files, certificate: DIR/data/store.replica/cert-chain.pem, privateKey: DIR/data/store.replica/key.pem, trustBundle: DIR/data/store.replica/root-cert.pem}\n",
            output, StringComparison.Ordinal);
        Assert.All(new[] { "demo/shop", "data/store.replica" }, workload =>
        {
            Assert.EndsWith(_authority.Text("intermediate.pem"), _authority.Text($"{workload}/cert-chain.pem"), StringComparison.Ordinal);
            Assert.Equal(_authority.Text("root.pem"), _authority.Text($"{workload}/root-cert.pem"));
            Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", _authority.Text($"{workload}/key.pem"), StringComparison.Ordinal);
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(_authority.File($"{workload}/key.pem")));
        });
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_authority.File("root.key")));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_authority.File("intermediate.key")));
    }

    [Fact]
    public void OpenSSL_accepts_a_leaf_at_both_ends_of_a_connection_and_finds_an_SVID_in_it()
    {
        _authority.MustRun("--workload demo/shop");

        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", _authority.Verify("demo/shop", "demo/shop", "-purpose", "sslserver"));
        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", _authority.Verify("demo/shop", "demo/shop", "-purpose", "sslclient"));
        var leaf = _authority.Describe("demo/shop/cert-chain.pem");
        Assert.All(
            [
                @"Subject: \n", @"Basic Constraints: critical\n\s+CA:FALSE", @"Key Usage: critical\n\s+Digital Signature\n",
                @"Extended Key Usage: \n\s+TLS Web Server Authentication, TLS Web Client Authentication\n",
                @"Alternative Name: critical\n\s+URI:spiffe://cluster\.local/ns/demo/sa/shop\n", "prime256v1", "ecdsa-with-SHA256",
                "Subject Key Identifier", "Authority Key Identifier",
            ],
            expected => Assert.Matches(expected, leaf));
        Assert.Matches(@"CA:TRUE, pathlen:0\n[^$]*Key Usage: critical\n\s+Certificate Sign, CRL Sign\n", _authority.Describe("intermediate.pem"));
        Assert.Matches(@"URI:spiffe://cluster\.local\n[^$]*Authority Key Identifier", _authority.Describe("intermediate.pem"));
    }

    [Fact]
    public void A_leaf_begins_two_minutes_back_and_lives_as_long_as_it_is_told()
    {
        _authority.MustRun("--workload demo/shop --ttl 90s");

        using var leaf = X509Certificate2.CreateFromPem(_authority.Text("demo/shop/cert-chain.pem"));
        Assert.Equal(TimeSpan.FromSeconds(120 + 90), leaf.NotAfter - leaf.NotBefore);
    }

    [Fact]
    public void A_second_run_keeps_root_and_intermediate_and_issues_every_leaf_anew()
    {
        _authority.MustRun("--workload demo/shop --workload demo/web");
        var before = new[] { "root.pem", "root.key", "intermediate.pem", "intermediate.key" }.Select(_authority.Text).ToList();
        var leaves = new[] { "demo/shop/key.pem", "demo/web/key.pem" }.Select(_authority.Text).ToList();

        _authority.MustRun("");

        Assert.Equal(before, new[] { "root.pem", "root.key", "intermediate.pem", "intermediate.key" }.Select(_authority.Text), StringComparer.Ordinal);
        Assert.All(leaves.Zip(new[] { "demo/shop/key.pem", "demo/web/key.pem" }), pair => Assert.NotEqual(pair.First, _authority.Text(pair.Second), StringComparer.Ordinal));
        Assert.Equal("DIR/demo/web/cert-chain.pem: OK\n", _authority.Verify("demo/web", "demo/shop"));
        Assert.Single(Directory.EnumerateDirectories(_authority.File("demo/shop"), "..2*"));
    }

    [Fact]
    public async Task A_reader_meets_only_whole_sets_while_they_rotate()
    {
        _authority.MustRun("--workload demo/shop");
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var sets = 0;
            while (!stop.IsCancellationRequested)
            {
                // The way of a careful reader: one generation, by the target of the link; a generation that is gone is no half set.
                var generation = new FileInfo(_authority.File("demo/shop/..data")).LinkTarget!;
                try
                {
                    using var pair = X509Certificate2.CreateFromPemFile(
                        _authority.File($"demo/shop/{generation}/cert-chain.pem"), _authority.File($"demo/shop/{generation}/key.pem"));
                    sets++;
                }
                catch (IOException gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
                {
                    Assert.False(generation == new FileInfo(_authority.File("demo/shop/..data")).LinkTarget, "the generation in force is not whole");
                }
                read.TrySetResult();
            }
            return sets;
        });
        await Task.WhenAny(read.Task, reader);

        for (var rotation = 0; rotation < 50; rotation++)
        {
            _authority.MustRun("");
        }
        await stop.CancelAsync();

        Assert.InRange(await reader, 1, int.MaxValue);
    }

    [Fact]
    public void Files_of_workloads_belong_to_the_owner_they_were_given_to_also_after_the_next_run()
    {
        _authority.MustRun("--workload demo/shop --owner 1337:1338");
        _authority.MustRun("");

        Assert.Equal("1337:1338\n", CommandLine.MustRun("", "stat", "-L", "-c", "%u:%g", _authority.File("demo/shop/key.pem")));
        Assert.Equal("0:0\n", CommandLine.MustRun("", "stat", "-c", "%u:%g", _authority.File("intermediate.key")));
    }

    [Fact]
    public void A_run_that_was_cut_off_between_files_and_swap_is_no_hindrance()
    {
        _authority.MustRun("--workload demo/shop");
        Directory.CreateDirectory(_authority.File("demo/shop/..2020_01_01_00_00_00.1"));
        File.CreateSymbolicLink(_authority.File("demo/shop/..link"), "nowhere");

        _authority.MustRun("");

        Assert.Equal(
            ["..data", "cert-chain.pem", "key.pem", "root-cert.pem"],
            Directory.EnumerateFileSystemEntries(_authority.File("demo/shop")).Select(Path.GetFileName)
                .Where(name => !name!.StartsWith("..2", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.Equal("DIR/demo/shop/cert-chain.pem: OK\n", _authority.Verify("demo/shop", "demo/shop"));
    }

    public void Dispose() => _authority.Dispose();
}
