using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Our originating side, toward servers that are not ours and ask for our certificate.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class ForeignServerTests(TestPki pki)
{
    [Theory]
    [InlineData("openssl", "istio", "1.3")]
    [InlineData("openssl", "istio", "1.2")]
    [InlineData("haproxy", "istio", "1.3")]
    [InlineData("haproxy", "istio", "1.2")]
    [InlineData("stunnel", null, "1.3")]
    [InlineData("socat", null, "1.3")]
    [InlineData("node", "istio", "1.3")]
    [InlineData("node", "istio", "1.2")]
    public async Task Some_megabytes_come_back_unchanged_from_a_foreign_server_and_both_ends_are_known(string program, string? alpn, string version)
    {
        await using var server = await ForeignServer.StartAsync(program, pki, pki.Web, version);
        await using var proxy = await RunningProxy.StartAsync(Originating(server.Port, version));
        using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);

        await dialogue.EchoAsync();
        await dialogue.EndAsync();

        var ending = await proxy.EndingAsync();
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, alpn, ClientTask.IstioSni), EndingFacts.Of(ending));
        Assert.True(ending.GetProperty("handshakeMs").GetDouble() > 0);
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task Lines_come_back_from_GnuTLS_and_both_ends_are_known(string version)
    {
        await using var server = await ForeignServer.StartAsync("gnutls", pki, pki.Web, version);
        await using var proxy = await RunningProxy.StartAsync(Originating(server.Port, version, ClientTask.DnsLegalSni));
        using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);

        // gnutls-serv echoes line by line, and a line is text.
        for (var i = 0; i < 100; i++)
        {
            var line = new string((char)('a' + (i % 26)), 500) + "\n";
            await dialogue.SayAsync(line);
            await dialogue.HearAsync(line);
        }
        await dialogue.EndAsync();

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, "istio", ClientTask.DnsLegalSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    /// <summary>What we promise to send, in the words of those who got it.</summary>
    [Theory]
    [InlineData("node", "1.3", $$"""{"event":"secure","version":"TLSv1.3","alpn":"istio","sni":"{{ClientTask.IstioSni}}","peer":"URI:spiffe://cluster.local/ns/demo/sa/shop","reused":false}""")]
    [InlineData("node", "1.2", $$"""{"event":"secure","version":"TLSv1.2","alpn":"istio","sni":"{{ClientTask.IstioSni}}","peer":"URI:spiffe://cluster.local/ns/demo/sa/shop","reused":false}""")]
    [InlineData("haproxy", "1.3", $"sni={ClientTask.IstioSni} alpn=istio verify=0 version=TLSv1.3 resumed=0")]
    [InlineData("haproxy", "1.2", $"sni={ClientTask.IstioSni} alpn=istio verify=0 version=TLSv1.2 resumed=0")]
    public async Task A_foreign_server_saw_server_name_application_protocol_and_certificate_of_every_connection(string program, string version, string seen)
    {
        await using var server = await ForeignServer.StartAsync(program, pki, pki.Web, version);
        await using var proxy = await RunningProxy.StartAsync(Originating(server.Port, version));
        // node carries one connection on its standard streams.
        var connections = program == "node" ? 1 : 6;

        for (var i = 1; i <= connections; i++)
        {
            using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);
            await dialogue.EchoAsync(10_000);
            await dialogue.EndAsync();
            await proxy.EndingsAsync(i);
        }

        await Patience.UntilAsync($"{connections} lines '{seen}'", () => Task.FromResult(server.Log.Lines.Count(line => line == seen) == connections));
        await proxy.EndAsync();
    }

    /// <summary>
    /// nginx never answers close_notify: whose caller ends first cannot know whether all was said, and is told so. So here nginx' own backend ends first.
    /// </summary>
    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task Six_connections_in_a_row_to_nginx_succeed_and_it_saw_our_certificate_each_time(string version)
    {
        await using var backend = new Backend();
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(
            port, "nginx", Nginx.Server(new(pki, port, pki.Web) { Version = version }, backend.Address.Port));
        await using var proxy = await RunningProxy.StartAsync(Originating(port, version));

        for (var i = 1; i <= 6; i++)
        {
            using var caller = await Dialogue.ConnectAsync(proxy.File.Listen);
            using var behind = Dialogue.Of(await backend.AcceptAsync());
            var echo = EchoAsync(behind);
            await caller.EchoAsync();
            behind.End();
            Assert.Empty(await caller.RestAsync());
            caller.End();
            await proxy.EndingsAsync(i);
            await echo;
        }

        Assert.All(await proxy.EndingsAsync(6), ending =>
            Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, "istio", ClientTask.IstioSni), EndingFacts.Of(ending)));
        var seen = $"sni={ClientTask.IstioSni} verify=SUCCESS version=TLSv{version} resumed=.";
        await Patience.UntilAsync($"6 lines '{seen}'", () => Task.FromResult(server.Log.Lines.Count(line => line == seen) == 6));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_caller_that_ends_before_nginx_is_reset_because_nginx_ends_without_close_notify()
    {
        await using var backend = new Backend();
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "nginx", Nginx.Server(new(pki, port, pki.Web), backend.Address.Port));
        await using var proxy = await RunningProxy.StartAsync(Originating(port));
        using var caller = await proxy.ConnectAsync();
        using var behind = await backend.AcceptAsync();
        await caller.SayAsync("hello");
        await behind.HearAsync("hello");

        caller.Shutdown(SocketShutdown.Send);

        Assert.Equal("RST", await caller.EndAsync());
        Assert.Equal("tlsTruncated", EndingFacts.Text(await proxy.EndingAsync(), "reason"));
        await proxy.EndAsync();
    }

    /// <summary>Envoy chooses none of what we offer, and means it.</summary>
    [Fact]
    public async Task A_server_that_chooses_no_application_protocol_is_spoken_to()
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl", OpenSsl.Server(new(pki, port, pki.Web)));
        await using var proxy = await RunningProxy.StartAsync(Originating(port));
        using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);

        await dialogue.SayAsync("hello");
        await server.Dialogue.HearAsync("hello");
        await dialogue.EndAsync();

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, "1.3", null, ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_heard()
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl", OpenSsl.Server(new(pki, port, pki.Web), "-alpn", "istio"));
        await using var proxy = await RunningProxy.StartAsync(Originating(port));
        await server.Dialogue.SayAsync("220 ready\r\n");
        using var dialogue = await Dialogue.ConnectAsync(proxy.File.Listen);

        await dialogue.HearAsync("220 ready\r\n");
        await dialogue.EndAsync();

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, "1.3", "istio", ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    private static async Task EchoAsync(Dialogue dialogue)
    {
        await dialogue.SayAsync(await dialogue.HearAsync(Dialogue.SomeMegabytes));
    }

    private ProxyFile Originating(int port, string version = "1.3", string sni = ClientTask.IstioSni) => new(new IPEndPoint(IPAddress.Loopback, port))
    {
        Forward = $"""tls: originate, peer: "{pki.Web.Id}", sni: "{sni}" """,
        More = $$"""
            {{pki.IdentityOf(pki.Shop)}}
            mesh: {minTlsVersion: "{{version}}"}
            """,
    };
}
