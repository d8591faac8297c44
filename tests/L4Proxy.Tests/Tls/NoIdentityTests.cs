using System.Net;
using System.Text.Json;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>TLS is due and we have nothing to show: nobody is dialled, nothing is said in clear instead.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class NoIdentityTests(TestPki pki)
{
    [Fact]
    public async Task A_foreign_client_is_refused_while_our_key_does_not_fit_our_certificate()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartUnreadyAsync(new(backend.Address) { Forward = "tls: terminate", More = Mismatched() });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await proxy.GetAsync(proxy.File.Health, "/readyz")).Code);
        await using var client = ForeignProcess.Start("openssl", OpenSsl.Client(new(pki, proxy.File.Listen, pki.Shop)));

        ExpectNoIdentity(await proxy.EndingAsync());

        await client.ExitCodeAsync();
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_caller_is_reset_and_the_foreign_server_hears_nothing_while_our_key_does_not_fit_our_certificate()
    {
        await using var server = await ForeignServer.StartAsync("haproxy", pki, pki.Web);
        await using var proxy = await RunningProxy.StartUnreadyAsync(new(new IPEndPoint(IPAddress.Loopback, server.Port))
        {
            Forward = "tls: originate", More = Mismatched(),
        });

        Assert.Equal("RST", await proxy.RefusalAsync());

        ExpectNoIdentity(await proxy.EndingAsync());
        await proxy.EndAsync();
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("sni=", StringComparison.Ordinal));
    }

    private static void ExpectNoIdentity(JsonElement ending) =>
        Assert.Equal(("tlsNoIdentity", "proxy", null),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "localIdentity")));

    private string Mismatched() => pki.IdentityOf(pki.Web with { Key = pki.Shop.Key });
}
