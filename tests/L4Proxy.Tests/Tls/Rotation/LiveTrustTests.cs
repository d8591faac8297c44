using System.Text.Json;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Pki;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Rotation;

/// <summary>Trust that is withdrawn ends the connections that rest on it, at either end of which we are, and no other.</summary>
[Collection(RunningCollection.Name)]
public sealed class LiveTrustTests : IDisposable
{
    private readonly DevelopmentAuthority _authority = new();
    private readonly TemporaryDirectory _directory = new();

    public LiveTrustTests() => _authority.MustRun("--workload demo/shop --workload demo/web --workload demo/other --crl");

    [Fact]
    public async Task A_client_that_is_revoked_is_cut_off_and_let_in_no_more_and_another_goes_on()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Forward = "tls: terminate", More = Identity("web") });
        await using var shop = await DialAsync(proxy, "shop");
        await using var alsoShop = await DialAsync(proxy, "shop");
        await using var other = await DialAsync(proxy, "other");

        _authority.MustRun("--revoke demo/shop");

        await shop.CutOffAsync();
        await alsoShop.CutOffAsync();
        AssertEndings(await proxy.EndingsAsync(2), "tlsRevoked", "shop");
        await proxy.ProcessLog.WaitForAsync("2 live connection(s) cut off");
        // In TLS 1.3 a client hears of its refusal when it reads.
        await Assert.ThrowsAnyAsync<IOException>(() => DialAsync(proxy, "shop"));
        Assert.Equal("tlsRevoked", EndingFacts.Text((await proxy.EndingsAsync(3))[2], "reason"));
        await other.EchoAsync("untouched");
        await other.EndAsync();
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_server_that_is_revoked_is_cut_off_and_another_goes_on()
    {
        await using var web = new MeshEcho(() => Certificate("web").Server());
        await using var other = new MeshEcho(() => Certificate("other").Server());
        var port = FreePorts.Take();
        await using var proxy = await RunningProxy.StartAsync(new(web.Address)
        {
            Forward = "tls: originate",
            MoreForwards = $$""", {listen: "127.0.0.1:{{port}}", upstream: "{{other.Address}}", tls: originate}""",
            More = Identity("shop"),
        });
        await using var toWeb = await MeshCall.DialAsync(proxy.File.Listen, null);
        await toWeb.EchoAsync("hello");
        await using var toOther = await MeshCall.DialAsync(port, null);
        await toOther.EchoAsync("hello");

        _authority.MustRun("--revoke demo/web");

        await toWeb.CutOffAsync();
        AssertEndings(await proxy.EndingsAsync(1), "tlsRevoked", "web");
        await toOther.EchoAsync("untouched");
        await toOther.EndAsync();
        await proxy.EndAsync();
    }

    [Fact]
    public async Task An_anchor_that_is_taken_away_takes_those_with_it_who_chain_to_it_and_nobody_else()
    {
        _authority.MustRun("--new-root");
        _authority.MustRun("--workload demo/shop --workload demo/web");
        foreach (var file in new[] { "cert-chain.pem", "key.pem", "root-cert.pem" })
        {
            File.WriteAllText(_directory.File(file), _authority.Text($"demo/web/{file}"));
        }
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Forward = "tls: terminate", More = Identity(_directory.File("")) });
        await using var ofTheNew = await DialAsync(proxy, "shop");
        await using var ofTheOld = await DialAsync(proxy, "other");

        File.WriteAllText(_directory.File("root-cert.pem"), _authority.Text("root.pem"));

        await ofTheOld.CutOffAsync();
        AssertEndings(await proxy.EndingsAsync(1), "tlsUnknownCa", "other");
        await ofTheNew.EchoAsync("untouched");
        await ofTheNew.EndAsync();
        await proxy.EndAsync();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    private WorkloadCertificate Certificate(string account) => WorkloadCertificate.In(_authority.File($"demo/{account}"));

    private async Task<MeshCall> DialAsync(RunningProxy proxy, string account)
    {
        var call = await MeshCall.DialAsync(proxy.File.Listen, Certificate(account).Client());
        try
        {
            await call.EchoAsync("hello");
            return call;
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    private string Identity(string accountOrDirectory)
    {
        var directory = Path.IsPathRooted(accountOrDirectory) ? accountOrDirectory : _authority.File($"demo/{accountOrDirectory}");
        return $$"""
            identity: {source: files, certificate: {{directory}}/cert-chain.pem, privateKey: {{directory}}/key.pem, trustBundle: {{directory}}/root-cert.pem, crl: {{_authority.File("ca-crl.pem")}}}
            """;
    }

    private static void AssertEndings(IReadOnlyList<JsonElement> endings, string reason, string account) => Assert.All(endings, ending =>
        Assert.Equal((reason, $"spiffe://cluster.local/ns/demo/sa/{account}", "proxy"),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "peerIdentity"), EndingFacts.Text(ending, "endedBy"))));
}
