using System.Text.Json;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Clients that are not ours and must not get through: refused before anything is dialled, for the right reason.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class RefusedClientTests(TestPki pki)
{
    [Theory]
    [InlineData("expired", "tlsExpired")]
    [InlineData("not yet valid", "tlsNotYetValid")]
    [InlineData("another root", "tlsUnknownCa")]
    [InlineData("another trust domain", "tlsUnknownCa")]
    [InlineData("two URIs", "tlsInvalidSvid")]
    [InlineData("no name", "tlsInvalidSvid")]
    [InlineData("DNS name only", "tlsInvalidSvid")]
    [InlineData("not a SPIFFE ID", "tlsInvalidSvid")]
    [InlineData("an authority", "tlsInvalidSvid")]
    [InlineData("for servers only", "tlsWrongEku")]
    [InlineData("revoked", "tlsRevoked")]
    public async Task A_client_with_a_certificate_nobody_may_believe_is_refused(string problem, string reason)
    {
        var ending = await EndingAsync(OpenSsl.Client(Task(BrokenLeaf.Make(pki, problem))));

        Assert.Equal((reason, "proxy"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy")));
        Assert.Equal(pki.Web.Id, EndingFacts.Text(ending, "localIdentity"));
    }

    [Fact]
    public async Task A_leaf_without_extended_key_usage_is_good_for_either_end()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend));
        await using var client = ForeignProcess.Start("openssl", OpenSsl.Client(Task(pki.Issue("any", new() { Usages = [] })) with { Port = proxy.File.Listen }));

        await client.Dialogue.EchoAsync(1000);
        await client.Dialogue.EndAsync();

        var ending = await proxy.EndingAsync();
        Assert.Equal(("completed", TestPki.IdOf("any")), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "peerIdentity")));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_client_that_is_not_the_expected_one_is_refused_and_both_are_named()
    {
        var expected = TestPki.IdOf("billing");

        var ending = await EndingAsync(OpenSsl.Client(Task(pki.Shop)), forward: $"""peers: ["{expected}"]""");

        // A name that was refused is told to people only.
        Assert.Equal(("tlsSanMismatch", null), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "peerIdentity")));
        var detail = EndingFacts.Text(ending, "detail");
        Assert.Contains(expected, detail, StringComparison.Ordinal);
        Assert.Contains(pki.Shop.Id, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        var ending = await EndingAsync(["s_client", "-connect", "", "-alpn", "istio", "-quiet", "-no_ign_eof", "-nocommands"]);

        Assert.Equal("tlsNoPeerCertificate", EndingFacts.Text(ending, "reason"));
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_client_that_does_not_hold_the_key_of_its_certificate_is_refused(string version)
    {
        var ending = await EndingAsync(OpenSsl.Client(Task(pki.Forge(pki.Shop)) with { Version = version }), minVersion: version);

        Assert.Equal("tlsKeyMismatch", EndingFacts.Text(ending, "reason"));
        Assert.Null(EndingFacts.Text(ending, "peerIdentity"));
    }

    [Fact]
    public async Task TLS_1_2_is_refused_where_it_is_not_asked_for()
    {
        var ending = await EndingAsync(OpenSsl.Client(Task(pki.Shop) with { Version = "1.2" }), saying: "alert protocol version");

        Assert.Equal("tlsProtocolVersion", EndingFacts.Text(ending, "reason"));
    }

    [Fact]
    public async Task TLS_1_1_is_refused_even_where_1_2_is_accepted()
    {
        var ending = await EndingAsync(
            [.. OpenSsl.Client(Task(pki.Shop) with { Version = "1.1" }), "-cipher", "DEFAULT@SECLEVEL=0"], minVersion: "1.2", saying: "alert protocol version");

        Assert.Equal("tlsProtocolVersion", EndingFacts.Text(ending, "reason"));
    }

    [Theory]
    [InlineData("1.3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")]
    [InlineData("1.2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")]
    [InlineData("1.2", "-curves", "secp256k1")]
    public async Task A_client_with_which_no_cipher_or_group_is_shared_is_refused(string version, string option, string value)
    {
        var ending = await EndingAsync(
            OpenSsl.Client(Task(pki.Shop) with { Version = version }, option, value), minVersion: version, saying: "alert handshake failure");

        Assert.Equal("tlsNoSharedCipher", EndingFacts.Text(ending, "reason"));
    }

    [Fact]
    public async Task A_client_that_does_not_believe_us_is_quoted()
    {
        var ending = await EndingAsync(OpenSsl.Client(Task(pki.Shop), "-CAfile", pki.OtherRootFile));

        Assert.Equal(("tlsPeerRejectedUs", "downstream"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy")));
        Assert.Contains("unknown_ca", EndingFacts.Text(ending, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_speaks_in_clear_is_refused()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend));
        await using var curl = ForeignProcess.Start("curl", "-sS", "--max-time", "30", $"http://{proxy.Address}/");

        // "Recv failure: Connection reset by peer".
        Assert.Equal(56, await curl.ExitCodeAsync());
        var ending = await proxy.EndingAsync();
        Assert.Equal(("plaintextRefused", "http1"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "protocol")));
        await proxy.EndAsync();
    }

    private ClientTask Task(Leaf leaf) => new(pki, 0, leaf);

    /// <summary>The access log line of an openssl client that must be refused, after the client has left and nothing was dialled.</summary>
    private async Task<JsonElement> EndingAsync(
        IReadOnlyList<string> arguments, string minVersion = "1.3", string forward = "", string saying = "")
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend, minVersion, forward));
        var port = arguments.ToList().IndexOf("-connect") + 1;
        await using var client = ForeignProcess.Start("openssl", arguments.Select((word, at) => at == port ? Loopback.Port(proxy.File.Listen) : word));

        // With TLS 1.3 it believes that all is well until it reads.
        var ending = await proxy.EndingAsync();
        Assert.Empty(await client.Dialogue.RestAsync());
        await client.ExitCodeAsync();
        Assert.Contains(client.Log.Lines, line => line.Contains(saying, StringComparison.Ordinal));

        Assert.Equal("terminatingTls", EndingFacts.Text(ending, "phase"));
        Assert.Null(EndingFacts.Text(ending, "upstream"));
        await proxy.EndAsync();
        return ending;
    }

    private ProxyFile Terminating(Backend backend, string minVersion = "1.3", string forward = "") => new(backend.Address)
    {
        Forward = forward.Length > 0 ? $"tls: terminate, {forward}" : "tls: terminate",
        More = $$"""
            {{pki.IdentityOf(pki.Web, revocation: true)}}
            mesh: {minTlsVersion: "{{minVersion}}"}
            """,
    };
}
