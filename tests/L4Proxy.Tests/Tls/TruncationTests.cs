using System.Net;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>TLS that ends without close_notify, or is damaged: the other side must not take it for the end of what was said.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class TruncationTests(TestPki pki)
{
    [Theory]
    [InlineData(RecordFate.Fin, "1.3", "tlsTruncated", "downstream")]
    [InlineData(RecordFate.Fin, "1.2", "tlsTruncated", "downstream")]
    [InlineData(RecordFate.HalfThenFin, "1.3", "tlsTruncated", "downstream")]
    [InlineData(RecordFate.Reset, "1.3", "downstreamReset", "downstream")]
    [InlineData(RecordFate.Flip, "1.3", "tlsProtocolError", "proxy")]
    public async Task What_ends_badly_on_the_clients_side_is_a_reset_for_the_backend(RecordFate wanted, string version, string reason, string endedBy)
    {
        var fate = (int)RecordFate.Pass;
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate", More = $$"""{{pki.IdentityOf(pki.Web)}}{{"\n"}}mesh: {minTlsVersion: "{{version}}"}""",
        });
        await using var relay = new RecordRelay(proxy.File.Listen, ofClient: _ => (RecordFate)Volatile.Read(ref fate));
        await using var client = ForeignProcess.Start("openssl", OpenSsl.Client(new(pki, relay.Port, pki.Shop) { Version = version }));
        await client.Dialogue.SayAsync("hello");
        using var server = await backend.AcceptAsync();
        await server.HearAsync("hello");
        await server.SayAsync("welcome");
        await client.Dialogue.HearAsync("welcome");

        Volatile.Write(ref fate, (int)wanted);
        await client.Dialogue.SayAsync("and more");

        Assert.Equal("RST", await server.EndAsync());
        var ending = await proxy.EndingAsync();
        Assert.Equal((reason, endedBy, pki.Shop.Id),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "peerIdentity")));
        Assert.Equal(5, ending.GetProperty("bytesToUpstream").GetInt32());
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData(RecordFate.Fin, "1.3", "tlsTruncated", "upstream")]
    [InlineData(RecordFate.Fin, "1.2", "tlsTruncated", "upstream")]
    [InlineData(RecordFate.HalfThenFin, "1.3", "tlsTruncated", "upstream")]
    [InlineData(RecordFate.Reset, "1.3", "upstreamReset", "upstream")]
    [InlineData(RecordFate.Flip, "1.3", "tlsProtocolError", "proxy")]
    public async Task What_ends_badly_on_the_servers_side_is_a_reset_for_the_caller(RecordFate wanted, string version, string reason, string endedBy)
    {
        var fate = (int)RecordFate.Pass;
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl", OpenSsl.Server(new(pki, port, pki.Web) { Version = version }));
        await using var relay = new RecordRelay(port, ofServer: _ => (RecordFate)Volatile.Read(ref fate));
        await using var proxy = await RunningProxy.StartAsync(new(new IPEndPoint(IPAddress.Loopback, relay.Port))
        {
            Forward = $"""tls: originate, peer: "{pki.Web.Id}" """,
            More = $$"""{{pki.IdentityOf(pki.Shop)}}{{"\n"}}mesh: {minTlsVersion: "{{version}}"}""",
        });
        using var caller = await proxy.ConnectAsync();
        await caller.SayAsync("hello");
        await server.Dialogue.HearAsync("hello");
        await server.Dialogue.SayAsync("welcome");
        await caller.HearAsync("welcome");

        Volatile.Write(ref fate, (int)wanted);
        await server.Dialogue.SayAsync("and more");

        Assert.Equal("RST", await caller.EndAsync());
        var ending = await proxy.EndingAsync();
        Assert.Equal((reason, endedBy, pki.Web.Id),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "peerIdentity")));
        Assert.Equal(7, ending.GetProperty("bytesToDownstream").GetInt32());
        await proxy.EndAsync();
    }
}
