using System.Net;
using System.Text.Json;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Servers that are not ours and must not be sent a byte: the caller is reset, for the right reason.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class RefusedServerTests(TestPki pki)
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
    [InlineData("for clients only", "tlsWrongEku")]
    [InlineData("revoked", "tlsRevoked")]
    public async Task A_server_with_a_certificate_nobody_may_believe_gets_nothing(string problem, string reason)
    {
        // Without an expected identity, so that nothing but the certificate itself can be the reason.
        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, BrokenLeaf.Make(pki, problem))), expected: "");

        Assert.Equal((reason, "proxy"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy")));
        Assert.Equal(pki.Shop.Id, EndingFacts.Text(ending, "localIdentity"));
    }

    [Fact]
    public async Task A_server_that_is_not_the_expected_one_gets_nothing_and_both_are_named()
    {
        var other = pki.Issue("other");

        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, other)));

        // A name that was refused is told to people only.
        Assert.Equal(("tlsSanMismatch", null), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "peerIdentity")));
        var detail = EndingFacts.Text(ending, "detail");
        Assert.Contains(pki.Web.Id, detail, StringComparison.Ordinal);
        Assert.Contains(other.Id, detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_server_that_does_not_hold_the_key_of_its_certificate_gets_nothing(string version)
    {
        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, pki.Forge(pki.Web)) { Version = version }), minVersion: version);

        Assert.Equal("tlsKeyMismatch", EndingFacts.Text(ending, "reason"));
        Assert.Null(EndingFacts.Text(ending, "peerIdentity"));
    }

    [Fact]
    public async Task A_server_that_knows_only_TLS_1_2_is_refused_where_it_is_not_asked_for()
    {
        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, pki.Web) { Version = "1.2" }));

        Assert.Equal("tlsProtocolVersion", EndingFacts.Text(ending, "reason"));
    }

    /// <summary>A server that finds nothing to agree on says handshake_failure, which has other causes too: it is quoted, not interpreted.</summary>
    [Fact]
    public async Task A_server_with_which_no_cipher_is_shared_is_quoted()
    {
        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, pki.Web), "-ciphersuites", "TLS_AES_128_CCM_SHA256"));

        Assert.Equal(("tlsPeerRejectedUs", "upstream"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy")));
        Assert.Contains("handshake_failure", EndingFacts.Text(ending, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_application_protocol_refuses_us_and_that_is_said()
    {
        var ending = await EndingAsync(port => OpenSsl.Server(new(pki, port, pki.Web), "-alpn", "foo"));

        Assert.Equal("tlsAlpnMismatch", EndingFacts.Text(ending, "reason"));
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_server_that_does_not_believe_us_is_quoted(string version)
    {
        // With TLS 1.3 our side of the handshake is over before the server has seen our certificate: its alert comes with the first read.
        var ending = await EndingAsync(
            port => OpenSsl.Server(new(pki, port, pki.Web) { Version = version }, "-CAfile", pki.OtherRootFile, "-alpn", "istio"), minVersion: version);

        Assert.Equal(("tlsPeerRejectedUs", "upstream"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy")));
        Assert.Contains("unknown_ca", EndingFacts.Text(ending, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nginx", "HTTP")]
    [InlineData("socat", "SSH")]
    public async Task A_server_that_speaks_in_clear_is_told_by_its_first_words(string program, string protocol)
    {
        var port = FreePorts.Take();
        await using var server = program == "nginx"
            ? await ForeignProcess.ListeningAsync(port, "nginx", Nginx.PlainHttp(pki, port))
            : await ForeignProcess.ListeningAsync(port, "socat", $"TCP-LISTEN:{port},bind=127.0.0.1", "SYSTEM:echo SSH-2.0-OpenSSH_9.2; cat >/dev/null");
        await using var proxy = await RunningProxy.StartAsync(Originating(port));

        Assert.Equal("RST", await proxy.RefusalAsync());

        var ending = await proxy.EndingAsync();
        Assert.Equal("tlsPeerIsPlaintext", EndingFacts.Text(ending, "reason"));
        Assert.Contains(protocol, EndingFacts.Text(ending, "detail"), StringComparison.Ordinal);
        await proxy.EndAsync();
    }

    /// <summary>The access log line of a caller whose server must not get a byte.</summary>
    private async Task<JsonElement> EndingAsync(Func<int, IReadOnlyList<string>> arguments, string minVersion = "1.3", string? expected = null)
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl", arguments(port));
        await using var proxy = await RunningProxy.StartAsync(Originating(port, minVersion, expected));
        using var caller = await proxy.ConnectAsync();
        await caller.SendAsync("a secret"u8.ToArray());

        Assert.Equal("RST", await caller.EndAsync());
        var ending = await proxy.EndingAsync();
        Assert.Equal(0, ending.GetProperty("bytesToDownstream").GetInt32());
        await proxy.EndAsync();
        server.Kill();
        // What it was sent is its output, and it is quiet about everything else.
        Assert.Empty(await server.Dialogue.RestAsync());
        return ending;
    }

    private ProxyFile Originating(int port, string minVersion = "1.3", string? expected = null)
    {
        expected ??= pki.Web.Id;
        return new(new IPEndPoint(IPAddress.Loopback, port))
        {
            Forward = expected.Length > 0
                ? $"""tls: originate, peer: "{expected}", sni: "{ClientTask.IstioSni}" """
                : $"""tls: originate, sni: "{ClientTask.IstioSni}" """,
            More = $$"""
                {{pki.IdentityOf(pki.Shop, revocation: true)}}
                mesh: {minTlsVersion: "{{minVersion}}"}
                """,
        };
    }
}
