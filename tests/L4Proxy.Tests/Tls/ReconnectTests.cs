using System.Net;
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
    public async Task No_session_is_given_to_openssl_and_one_of_another_server_is_not_resumed(string version)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate",
            More = $$"""
                {{pki.IdentityOf(pki.Web)}}
                mesh: {minTlsVersion: "{{version}}"}
                """,
        });
        var task = new ClientTask(pki, proxy.File.Listen, pki.Shop) { Version = version };
        var given = Path.ChangeExtension(pki.Write($"given-{version}", ""), "pem");

        await TalkAsync(backend, OpenSsl.Client(task, "-alpn", "istio", "-sess_out", given), version);
        await TalkAsync(backend, OpenSsl.Client(task, "-alpn", "istio", "-sess_in", await SessionOfAnotherServerAsync(version)), version);

        Assert.False(File.Exists(given));
        Assert.All(await proxy.EndingsAsync(2), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.IstioSni), EndingFacts.Of(ending)));
        await proxy.EndAsync();
    }

    private static async Task TalkAsync(Backend backend, IEnumerable<string> arguments, string version)
    {
        // Without -quiet it says whether its session is new, before what it hears.
        await using var client = ForeignProcess.Start("openssl", arguments.Except(["-quiet"], StringComparer.Ordinal));
        await client.Dialogue.SayAsync("hello");
        using var server = Dialogue.Of(await backend.AcceptAsync());
        await server.HearAsync("hello");
        // A ticket would have come before this.
        await server.SayAsync("welcome");
        Assert.Contains($"New, TLSv{version}", await client.Dialogue.HearUntilAsync("welcome"), StringComparison.Ordinal);
        client.Dialogue.End();
        Assert.Empty(await server.RestAsync());
        server.End();
        Assert.Equal(0, await client.ExitCodeAsync());
    }

    private async Task<string> SessionOfAnotherServerAsync(string version)
    {
        var session = Path.ChangeExtension(pki.Write($"kept-{version}", ""), "pem");
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(
            port, "openssl", OpenSsl.Server(new(pki, port, pki.Web) { Version = version }, "-alpn", "istio"));
        await using var client = ForeignProcess.Start(
            "openssl", OpenSsl.Client(new(pki, port, pki.Shop) { Version = version }, "-alpn", "istio", "-sess_out", session));
        await client.Dialogue.SayAsync("hello");
        await server.Dialogue.HearAsync("hello");
        await server.Dialogue.SayAsync("welcome");
        await client.Dialogue.HearAsync("welcome");
        client.Dialogue.End();
        Assert.Equal(0, await client.ExitCodeAsync());
        Assert.True(File.Exists(session));
        return session;
    }
}
