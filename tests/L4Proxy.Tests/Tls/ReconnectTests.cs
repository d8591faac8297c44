using System.Net;
using System.Text;
using System.Text.Json;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Every connection proves itself anew, however many came before it.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class ReconnectTests(TestPki pki)
{
    private const int Connections = 1000;

    [Fact]
    public async Task A_thousand_connections_of_a_foreign_client_that_offers_its_last_session_are_each_verified()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Forward = "tls: terminate", More = pki.IdentityOf(pki.Web) });
        await using var client = ForeignProcess.Start("node", Node.Reconnect(new(pki, proxy.File.Listen, pki.Shop), Connections));

        var done = JsonElement.Parse(await client.Log.WaitForAsync("{"));

        Assert.Equal(("done", 0), (EndingFacts.Text(done, "event"), done.GetProperty("reused").GetInt32()));
        Assert.Equal(Connections, done.GetProperty("peers").GetProperty($"URI:{pki.Web.Id}").GetInt32());
        Assert.All(await proxy.EndingsAsync(Connections), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, "1.3", "istio", ClientTask.IstioSni), EndingFacts.Of(ending)));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_thousand_connections_to_a_foreign_server_show_our_certificate_and_verify_its_each_time()
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "node", Node.Server(new(pki, port, pki.Web), echo: true));
        await using var proxy = await RunningProxy.StartAsync(new(new IPEndPoint(IPAddress.Loopback, port))
        {
            Forward = $"""tls: originate, peer: "{pki.Web.Id}", sni: "{ClientTask.IstioSni}" """, More = pki.IdentityOf(pki.Shop),
        });

        for (var i = 0; i < Connections; i++)
        {
            using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);
            await dialogue.SayAsync("ping");
            await dialogue.HearAsync("ping");
            await dialogue.EndAsync();
        }

        Assert.All(await proxy.EndingsAsync(Connections), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, "1.3", "istio", ClientTask.IstioSni), EndingFacts.Of(ending)));
        var seen = $$"""{"event":"secure","version":"TLSv1.3","alpn":"istio","sni":"{{ClientTask.IstioSni}}","peer":"URI:{{pki.Shop.Id}}","reused":false}""";
        Assert.Equal(Connections, server.Log.Lines.Count(line => line == seen));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_session_that_openssl_kept_is_not_resumed_and_the_connection_succeeds(string version)
    {
        var session = pki.Write($"session-{version}.pem", "");
        File.Delete(session);
        // With TLS 1.3 OpenSSL's server sends tickets even when nothing is kept that they could stand for.
        var keeps = version == "1.3";
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate",
            More = $$"""
                {{pki.IdentityOf(pki.Web)}}
                mesh: {minTlsVersion: "{{version}}"}
                """,
        });

        foreach (var option in new[] { "-sess_out", "-sess_in" })
        {
            // With TLS 1.2 we give no session a name, and there is nothing to keep and to offer.
            string[] more = option == "-sess_out" || keeps ? [option, session] : [];
            var arguments = OpenSsl.Client(new(pki, proxy.File.Listen, pki.Shop) { Version = version }, ["-alpn", "istio", .. more]);
            await using var client = ForeignProcess.Start("openssl", arguments.Except(["-quiet"], StringComparer.Ordinal));
            await client.Dialogue.SayAsync("hello");
            using var server = Dialogue.Of(await backend.AcceptAsync());
            await server.HearAsync("hello");
            if (keeps)
            {
                await Patience.UntilAsync("openssl has kept the session", () => Task.FromResult(File.Exists(session)));
            }
            client.Dialogue.End();
            Assert.Empty(await server.RestAsync());
            server.End();
            Assert.Contains($"New, TLSv{version}", Encoding.ASCII.GetString(await client.Dialogue.RestAsync()), StringComparison.Ordinal);
            Assert.Equal(0, await client.ExitCodeAsync());
        }

        Assert.Equal(keeps, File.Exists(session));
        Assert.All(await proxy.EndingsAsync(2), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.IstioSni), EndingFacts.Of(ending)));
        await proxy.EndAsync();
    }
}
