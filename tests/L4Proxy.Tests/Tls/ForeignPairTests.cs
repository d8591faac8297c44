namespace L4Proxy.Tests.Tls;

/// <summary>The foreign programs among themselves, without us: what fails here as well is not our doing.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class ForeignPairTests(TestPki pki)
{
    [Theory]
    [InlineData("openssl")]
    [InlineData("gnutls")]
    [InlineData("node")]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    [InlineData("stunnel")]
    [InlineData("socat")]
    public async Task Every_foreign_client_talks_with_a_foreign_server(string program)
    {
        await using var server = await ForeignServer.StartAsync("haproxy", pki, pki.Web);
        await using var client = await ForeignClient.StartAsync(program, new(pki, server.Port, pki.Shop));
        using var dialogue = await client.DialAsync();

        await dialogue.EchoAsync(100_000);

        dialogue.End();
        await server.Log.WaitForAsync("verify=0 version=TLSv1.3");
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("node")]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    [InlineData("socat")]
    public async Task Every_foreign_server_talks_with_a_foreign_client(string program)
    {
        await using var server = await ForeignServer.StartAsync(program, pki, pki.Web);
        await using var client = await ForeignClient.StartAsync("stunnel", new(pki, server.Port, pki.Shop) { Sni = ClientTask.DnsLegalSni });
        using var dialogue = await client.DialAsync();

        await dialogue.EchoAsync(100_000);
    }
}
