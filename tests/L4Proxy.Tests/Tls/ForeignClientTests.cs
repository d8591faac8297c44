using System.Net;
using System.Security.Cryptography;
using System.Text;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Clients that are not ours, toward our terminating side.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class ForeignClientTests(TestPki pki)
{
    [Theory]
    [InlineData("openssl", "istio", "1.3")]
    [InlineData("openssl", "istio", "1.2")]
    [InlineData("haproxy", "istio", "1.3")]
    [InlineData("nginx", null, "1.3")]
    [InlineData("stunnel", null, "1.3")]
    [InlineData("stunnel", null, "1.2")]
    [InlineData("socat", null, "1.3")]
    [InlineData("node", "istio", "1.3")]
    [InlineData("node", "istio", "1.2")]
    public async Task Some_megabytes_of_a_foreign_client_come_back_unchanged_and_both_ends_are_known(string program, string? alpn, string version)
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend.Address, version));
        await using var client = await ForeignClient.StartAsync(program, new(pki, proxy.File.Listen, pki.Shop) { Version = version });
        using var dialogue = await client.DialAsync();

        await dialogue.EchoAsync();
        await dialogue.EndAsync();

        var ending = await proxy.EndingAsync();
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, alpn, ClientTask.IstioSni), EndingFacts.Of(ending));
        Assert.Equal((Dialogue.SomeMegabytes, Dialogue.SomeMegabytes),
            (ending.GetProperty("bytesToUpstream").GetInt32(), ending.GetProperty("bytesToDownstream").GetInt32()));
        Assert.True(ending.GetProperty("handshakeMs").GetDouble() > 0);
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task Bytes_of_GnuTLS_come_back_unchanged_and_both_ends_are_known(string version)
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend.Address, version));
        await using var client = await ForeignClient.StartAsync("gnutls", new(pki, proxy.File.Listen, pki.Shop) { Version = version });
        using var dialogue = await client.DialAsync();

        // gnutls-cli moves a megabyte per second.
        await dialogue.EchoAsync(300_000);
        await dialogue.EndAsync();

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.DnsLegalSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    /// <summary>
    /// Both keep the session of a connection and offer it with the next. A server that accepts it gets the client's leaf without the
    /// intermediate, and refuses the client from then on.
    /// </summary>
    [Theory]
    [InlineData("nginx", null, "1.3")]
    [InlineData("nginx", null, "1.2")]
    [InlineData("haproxy", "istio", "1.3")]
    [InlineData("haproxy", "istio", "1.2")]
    public async Task Six_connections_in_a_row_of_a_client_that_resumes_sessions_all_succeed(string program, string? alpn, string version)
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend.Address, version));
        await using var client = await ForeignClient.StartAsync(program, new(pki, proxy.File.Listen, pki.Shop) { Version = version });

        for (var i = 1; i <= 6; i++)
        {
            using var dialogue = await client.DialAsync();
            await dialogue.EchoAsync(10_000);
            await dialogue.EndAsync();
            await proxy.EndingsAsync(i);
        }

        Assert.All(await proxy.EndingsAsync(6), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, alpn, ClientTask.IstioSni), EndingFacts.Of(ending)));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Curl_downloads_some_megabytes()
    {
        var page = RandomNumberGenerator.GetBytes(Dialogue.SomeMegabytes);
        await using var backend = new Backend(async socket =>
        {
            using var dialogue = Dialogue.Of(socket);
            await dialogue.HearUntilAsync("\r\n\r\n");
            await dialogue.SayAsync($"HTTP/1.1 200 OK\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n");
            await dialogue.SayAsync(page);
        });
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend.Address));
        // -k: the name of the host is not in the certificate. Without --no-alpn it offers h2 and http/1.1, of which none is chosen.
        await using var curl = ForeignProcess.Start("curl", "-sSk", "--max-time", "30", "--cert", pki.Shop.Chain, "--key", pki.Shop.Key,
            $"https://{proxy.Address}/");

        var body = await curl.Dialogue.RestAsync();

        Assert.Equal(0, await curl.ExitCodeAsync());
        Assert.Equal(Convert.ToHexString(SHA256.HashData(page)), Convert.ToHexString(SHA256.HashData(body)));
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, "1.3", null, null), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task An_application_protocol_that_is_not_of_the_mesh_is_not_chosen_and_not_refused()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend.Address));
        await using var client = ForeignProcess.Start("openssl", OpenSsl.Client(new(pki, proxy.File.Listen, pki.Shop), "-alpn", "foo"));
        using var dialogue = client.Dialogue;

        await dialogue.EchoAsync(1000);
        await dialogue.EndAsync();

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, "1.3", null, ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    /// <summary>The application behind the proxy learns who called.</summary>
    [Theory]
    [InlineData("openssl")]
    [InlineData("curl")]
    public async Task The_backend_reads_the_address_and_the_identity_of_a_foreign_client_in_the_PROXY_header(string program)
    {
        await using var backend = new Backend();
        var file = Terminating(backend.Address);
        await using var proxy = await RunningProxy.StartAsync(file with { Forward = file.Forward + ", proxyProtocol: {send: v2}" });
        await using var client = program == "curl"
            ? ForeignProcess.Start("curl", "-sSk", "--http0.9", "--max-time", "30", "--cert", pki.Shop.Chain, "--key", pki.Shop.Key, $"https://{proxy.Address}/")
            : ForeignProcess.Start("openssl", OpenSsl.Client(new(pki, proxy.File.Listen, pki.Shop)));
        if (program == "openssl")
        {
            await client.Dialogue.SayAsync("GET / HTTP/1.1\r\n\r\n");
        }
        using var server = Dialogue.Of(await backend.AcceptAsync());

        var header = await ProxyV2Header.ReadAsync(server);
        Assert.StartsWith("GET / HTTP/1.1\r\n", await server.HearUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        await server.SayAsync("hello");
        server.End();
        Assert.Equal("hello", Encoding.ASCII.GetString(await client.Dialogue.RestAsync()));

        Assert.Equal((IPAddress.Loopback, proxy.Address, pki.Shop.Id), (header.Source.Address, header.Destination, header.Identity));
        Assert.NotEqual(0, header.Source.Port);
        await proxy.EndAsync();
    }

    private ProxyFile Terminating(IPEndPoint backend, string version = "1.3") => new(backend)
    {
        Forward = "tls: terminate",
        More = $$"""
            {{pki.IdentityOf(pki.Web)}}
            mesh: {minTlsVersion: "{{version}}"}
            """,
    };
}
