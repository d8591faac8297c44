using System.Net.Sockets;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Floods;

[Collection(RunningCollection.Name)]
public sealed class HandshakeLimitTests : IDisposable
{
    private const int Limit = 64;

    private readonly TestPki _pki = new();

    [Fact]
    public async Task One_handshake_above_the_limit_is_refused_and_what_is_established_goes_on()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate", More = _pki.IdentityOf(_pki.Web), Limits = $"handshakesInFlight: {Limit}", Timeouts = "handshake: 1m",
        });
        var client = new WorkloadCertificate(_pki.Shop, _pki.RootFile).Client();
        var hello = await WorkloadCertificate.HelloAsync(client);
        await using var established = await MeshCall.DialAsync(proxy.File.Listen, client);
        await established.EchoAsync("before");
        var begun = new List<Socket>();
        for (var i = 0; i < Limit; i++)
        {
            begun.Add(await proxy.ConnectAsync());
            await begun[i].SendAsync(hello);
        }
        await proxy.MetricReachesAsync("l4proxy_handshakes_in_flight", Limit);

        await Assert.ThrowsAsync<IOException>(() => MeshCall.DialAsync(proxy.File.Listen, client));

        Assert.Equal(("handshakeLimit", "proxy"), await EndingAsync(proxy));
        await established.EchoAsync("meanwhile");
        Assert.Equal(Limit, await proxy.MetricAsync("l4proxy_handshakes_in_flight"));

        // A place that is given back is a place for somebody.
        begun[0].Dispose();
        await proxy.MetricReachesAsync("l4proxy_handshakes_in_flight", Limit - 1);
        await MeshCall.OnceAsync(proxy.File.Listen, client);
        await established.EchoAsync("after");

        begun.ForEach(socket => socket.Dispose());
        await established.EndAsync();
        await proxy.EndAsync();
        Assert.Equal(Limit, proxy.AccessLog.Lines.Count(line => line.Contains("tlsPeerLeft", StringComparison.Ordinal)));
    }

    public void Dispose() => _pki.Dispose();

    private static async Task<(string?, string?)> EndingAsync(RunningProxy proxy)
    {
        var ending = await proxy.EndingAsync();
        return (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"));
    }
}
