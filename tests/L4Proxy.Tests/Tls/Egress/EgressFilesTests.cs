using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Egress;

/// <summary>The files a rule names: read when they are needed, and again when they change.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class EgressFilesTests(TestPki pki) : IDisposable
{
    private const string Host = "api.example.com";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_certificate_is_shown_without_a_restart_and_half_of_one_changes_nothing()
    {
        await using var server = await ForeignServer.StartAsync("node", new ServerTask(pki, FreePorts.Take(), ServerLeaf()));
        using var proxy = new EgressProxy();
        var security = Write(pki.Shop);
        await EchoAsync(proxy, server.Port, security);
        await SeenAsync(server, pki.Shop.Id);

        // The certificate of one and the key of another: what a look between two writes finds.
        File.Copy(pki.Web.Chain, _directory.File("cert.pem"), overwrite: true);
        await using var second = await ForeignServer.StartAsync("node", new ServerTask(pki, FreePorts.Take(), ServerLeaf()));
        await EchoAsync(proxy, second.Port, security);
        await SeenAsync(second, pki.Shop.Id);
        File.Copy(pki.Web.Key, _directory.File("key.pem"), overwrite: true);

        await Patience.UntilAsync("the new certificate is shown", async () =>
        {
            await using var next = await ForeignServer.StartAsync("node", new ServerTask(pki, FreePorts.Take(), ServerLeaf()));
            await EchoAsync(proxy, next.Port, security);
            return next.Log.Lines.Any(line => line.Contains(pki.Web.Id, StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("ca.pem", CloseReason.TlsUnknownCa, "caCertificates: ")]
    [InlineData("cert.pem", CloseReason.TlsNoIdentity, "clientCertificate: ")]
    [InlineData("key.pem", CloseReason.TlsNoIdentity, "privateKey: ")]
    public async Task A_file_that_is_missing_from_the_start_refuses_every_connection_and_is_named(string missing, CloseReason reason, string key)
    {
        await using var server = await ForeignServer.StartAsync("openssl", new ServerTask(pki, FreePorts.Take(), ServerLeaf()));
        using var proxy = new EgressProxy();
        var security = Write(pki.Shop);
        File.Delete(_directory.File(missing));

        var record = await proxy.RefusalAsync(server.Port, security);

        Assert.Equal((reason, EndedBy.Proxy), (record.Reason, record.EndedBy));
        Assert.StartsWith($"{key}{_directory.File(missing)} does not exist", record.Detail, StringComparison.Ordinal);
    }

    private static async Task EchoAsync(EgressProxy proxy, int port, UpstreamSecurity security)
    {
        var (caller, ending) = await proxy.CallAsync(port, security);
        using (caller)
        {
            await caller.EchoAsync(1000);
            await caller.EndAsync();
        }
        Assert.Equal(CloseReason.Completed, (await ending).Reason);
    }

    private static Task SeenAsync(ForeignServer server, string id) =>
        Patience.UntilAsync($"the server saw {id}", () => Task.FromResult(server.Log.Lines.Any(line => line.Contains(id, StringComparison.Ordinal))));

    private Leaf ServerLeaf() => pki.Issue("egress-files", new() { Uris = [], Dns = Host });

    private UpstreamSecurity Write(Leaf leaf)
    {
        File.Copy(pki.RootFile, _directory.File("ca.pem"));
        File.Copy(leaf.Chain, _directory.File("cert.pem"));
        File.Copy(leaf.Key, _directory.File("key.pem"));
        return new(UpstreamSecurityKind.Tls, Host, [], new UpstreamTls(UpstreamTlsMode.Mutual, 1)
        {
            CaCertificates = _directory.File("ca.pem"), ClientCertificate = _directory.File("cert.pem"), PrivateKey = _directory.File("key.pem"),
        });
    }
}
