using System.Net;
using System.Net.Security;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Rotation;

/// <summary>Files that change in other ways than by one swap, and files that are wrong for a while: what a peer and an operator see of it.</summary>
[Collection(RunningCollection.Name)]
public sealed class GenerationChangeTests : IDisposable
{
    private readonly TestPki _pki = new();
    private readonly TemporaryDirectory _directory = new();

    private SslClientAuthenticationOptions Client => new WorkloadCertificate(_pki.Shop, _pki.RootFile).Client();

    [Fact]
    public async Task Files_written_over_one_by_one_become_the_next_generation_once_they_fit_together()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await StartAsync(backend, _pki.Issue("before"));
        var first = await SerialAsync(proxy);
        var next = _pki.Issue("web");

        // In place, as a plain cp does it. Between the two the certificate is not the key's.
        File.WriteAllText(_directory.File("chain.pem"), File.ReadAllText(next.Chain));
        File.WriteAllText(_directory.File("key.pem"), File.ReadAllText(next.Key));

        await proxy.MetricReachesAsync("l4proxy_identity_generation", 2);
        await proxy.MetricReachesAsync("l4proxy_identity_last_reload_success", 1);
        await proxy.ProcessLog.WaitForAsync("identity rotated to generation 2");
        Assert.NotEqual(first, await SerialAsync(proxy), StringComparer.Ordinal);
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_key_of_another_certificate_changes_nothing_and_is_told_until_it_is_repaired()
    {
        await using var backend = Backend.Echo();
        var web = _pki.Issue("web");
        await using var proxy = await StartAsync(backend, web);
        var first = await SerialAsync(proxy);
        await using var established = await MeshCall.DialAsync(proxy.File.Listen, Client);

        File.WriteAllText(_directory.File("key.pem"), File.ReadAllText(_pki.Issue("stranger").Key));
        await proxy.MetricReachesAsync("l4proxy_identity_last_reload_success", 0);
        await proxy.ProcessLog.WaitForAsync("the identity's files are refused, generation 1 stays in force");
        var (code, text) = await proxy.GetAsync(proxy.File.Health, "/readyz?verbose");
        Assert.Equal(first, await SerialAsync(proxy));

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Matches(@"\[\+\]identity ok: the files are refused since .* generation 1 stays in force", text);
        File.WriteAllText(_directory.File("key.pem"), File.ReadAllText(web.Key));
        await proxy.MetricReachesAsync("l4proxy_identity_last_reload_success", 1);
        await proxy.ProcessLog.WaitForAsync("again those of generation 1");
        Assert.Equal(first, await SerialAsync(proxy));
        Assert.Contains("[+]identity ok\n", (await proxy.GetAsync(proxy.File.Health, "/readyz?verbose")).Text, StringComparison.Ordinal);
        await established.EchoAsync("all the while");
        await established.EndAsync();
        await proxy.EndAsync();
    }

    public void Dispose()
    {
        _pki.Dispose();
        _directory.Dispose();
    }

    private Task<RunningProxy> StartAsync(Backend backend, Leaf leaf)
    {
        File.Copy(leaf.Chain, _directory.File("chain.pem"));
        File.Copy(leaf.Key, _directory.File("key.pem"));
        var files = leaf with { Chain = _directory.File("chain.pem"), Key = _directory.File("key.pem") };
        return RunningProxy.StartAsync(new(backend.Address) { Forward = "tls: terminate", More = _pki.IdentityOf(files) });
    }

    private async Task<string> SerialAsync(RunningProxy proxy)
    {
        await using var call = await MeshCall.DialAsync(proxy.File.Listen, Client);
        await call.EchoAsync("ping");
        await call.EndAsync();
        return call.Serial;
    }
}
