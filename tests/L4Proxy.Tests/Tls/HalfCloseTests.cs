using System.Net;
using System.Security.Cryptography;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>
/// One side ends in order, the other still has much to say. Node.js keeps such connections open; openssl, once it has read close_notify, leaves.
/// </summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class HalfCloseTests(TestPki pki)
{
    private static readonly byte[] _much = RandomNumberGenerator.GetBytes(10_000_000);

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_foreign_client_that_has_ended_gets_all_that_the_backend_says_afterwards(string version)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend, version));
        await using var client = ForeignProcess.Start("node", Node.Client(new(pki, proxy.File.Listen, pki.Shop) { Version = version }));

        await AllAfterTheEndAsync(ended: client.Dialogue, speaker: async () => Dialogue.Of(await backend.AcceptAsync()));

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_backend_that_has_ended_gets_all_that_the_foreign_client_says_afterwards(string version)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend, version));
        await using var client = ForeignProcess.Start("node", Node.Client(new(pki, proxy.File.Listen, pki.Shop) { Version = version }));
        using var server = Dialogue.Of(await backend.AcceptAsync());

        await AllAfterTheEndAsync(ended: server, speaker: () => Task.FromResult(client.Dialogue));

        var ending = await proxy.EndingAsync();
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.IstioSni), EndingFacts.Of(ending));
        Assert.Equal("upstream", EndingFacts.Text(ending, "endedBy"));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_caller_that_has_ended_gets_all_that_the_foreign_server_says_afterwards(string version)
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "node", Node.Server(new(pki, port, pki.Web) { Version = version }));
        await using var proxy = await RunningProxy.StartAsync(Originating(port, version));
        using var caller = await Dialogue.ConnectAsync(proxy.File.Listen);

        await AllAfterTheEndAsync(ended: caller, speaker: () => Task.FromResult(server.Dialogue));

        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, "istio", ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_foreign_server_that_has_ended_gets_all_that_the_caller_says_afterwards(string version)
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "node", Node.Server(new(pki, port, pki.Web) { Version = version }));
        await using var proxy = await RunningProxy.StartAsync(Originating(port, version));
        using var caller = await Dialogue.ConnectAsync(proxy.File.Listen);

        await AllAfterTheEndAsync(ended: server.Dialogue, speaker: () => Task.FromResult(caller));

        var ending = await proxy.EndingAsync();
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, "istio", ClientTask.IstioSni), EndingFacts.Of(ending));
        Assert.Equal("upstream", EndingFacts.Text(ending, "endedBy"));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_foreign_client_reads_our_close_notify_when_the_backend_has_ended(string version)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Terminating(backend, version));
        await using var client = ForeignProcess.Start("openssl",
            OpenSsl.Client(new(pki, proxy.File.Listen, pki.Shop) { Version = version }, "-alpn", "istio", "-msg", "-msgfile", "/dev/stderr"));
        using var server = Dialogue.Of(await backend.AcceptAsync());

        await server.SayAsync("bye");
        server.End();

        await client.Dialogue.HearAsync("bye");
        await client.Log.WaitForAsync($"<<< TLS {version}, Alert [length 0002], warning close_notify");
        Assert.Equal(0, await client.ExitCodeAsync());
        Assert.Empty(await server.RestAsync());
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: true, version, "istio", ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task A_foreign_server_reads_our_close_notify_when_the_caller_has_ended(string version)
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl",
            OpenSsl.Server(new(pki, port, pki.Web) { Version = version }, "-alpn", "istio", "-msg", "-msgfile", "/dev/stderr"));
        await using var proxy = await RunningProxy.StartAsync(Originating(port, version));
        using var caller = await Dialogue.ConnectAsync(proxy.File.Listen);

        await caller.SayAsync("bye");
        await server.Dialogue.HearAsync("bye");
        await caller.EndAsync();

        await server.Log.WaitForAsync($"<<< TLS {version}, Alert [length 0002], warning close_notify");
        Assert.Equal(EndingFacts.Completed(pki, weAreWeb: false, version, "istio", ClientTask.IstioSni), EndingFacts.Of(await proxy.EndingAsync()));
        await proxy.EndAsync();
    }

    /// <summary>One asks and ends; only when the other has read that end does it begin to speak, and then it ends too.</summary>
    private static async Task AllAfterTheEndAsync(Dialogue ended, Func<Task<Dialogue>> speaker)
    {
        await ended.SayAsync("all of it, please");
        ended.End();
        var other = await speaker();
        await other.HearAsync("all of it, please");
        Assert.Empty(await other.RestAsync());

        var saying = other.SayAsync(_much);
        var heard = await ended.HearAsync(_much.Length);
        await saying;
        other.End();

        Assert.Empty(await ended.RestAsync());
        Assert.Equal(Convert.ToHexString(SHA256.HashData(_much)), Convert.ToHexString(SHA256.HashData(heard)));
    }

    private ProxyFile Terminating(Backend backend, string version) => new(backend.Address)
    {
        Forward = "tls: terminate",
        More = $$"""
            {{pki.IdentityOf(pki.Web)}}
            mesh: {minTlsVersion: "{{version}}"}
            """,
    };

    private ProxyFile Originating(int port, string version) => new(new IPEndPoint(IPAddress.Loopback, port))
    {
        Forward = $"""tls: originate, peer: "{pki.Web.Id}", sni: "{ClientTask.IstioSni}" """,
        More = $$"""
            {{pki.IdentityOf(pki.Shop)}}
            mesh: {minTlsVersion: "{{version}}"}
            """,
    };
}
