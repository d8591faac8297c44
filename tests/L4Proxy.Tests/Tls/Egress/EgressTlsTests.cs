using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Egress;

/// <summary>TLS toward servers outside the mesh, which are not ours: SIMPLE and MUTUAL.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class EgressTlsTests(TestPki pki)
{
    private const string Host = "api.example.com";

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.2")]
    public async Task Bytes_in_clear_reach_a_TLS_server_by_its_name_and_come_back(string version)
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf(), version));
        using var proxy = new EgressProxy();
        var (caller, ending) = await proxy.CallAsync(server.Port, Simple());

        using (caller)
        {
            await caller.EchoAsync();
            await caller.EndAsync();
        }

        var record = await ending;
        Assert.Equal((CloseReason.Completed, version, Host), (record.Reason, record.Tls?.Version, record.Tls?.ServerName));
        // It has proven a name, not an identity of the mesh: nothing may take it for a peer.
        Assert.Equal((Security.OriginatedTls, null, null), (record.Security, record.Tls?.PeerIdentity, record.Tls?.LocalIdentity));
    }

    [Fact]
    public async Task Nginx_sees_the_server_name_and_the_client_certificate_and_no_session_is_resumed()
    {
        await using var backend = new Backend();
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "nginx", Nginx.Server(new(pki, port, ServerLeaf()), backend.Address.Port));
        using var proxy = new EgressProxy();

        for (var i = 0; i < 3; i++)
        {
            var (caller, ending) = await proxy.CallAsync(port, Mutual(pki.Shop));
            using (caller)
            {
                await caller.SayAsync("hello");
                using var behind = Dialogue.Of(await backend.AcceptAsync());
                await behind.HearAsync("hello");
                await behind.SayAsync("good day");
                behind.End();
                await caller.HearAsync("good day");
                Assert.Empty(await caller.RestAsync());
                caller.End();
                Assert.Equal(CloseReason.Completed, (await ending).Reason);
            }
        }

        const string Seen = $"sni={Host} verify=SUCCESS version=TLSv1.3 resumed=.";
        await Patience.UntilAsync($"3 lines '{Seen}'", () => System.Threading.Tasks.Task.FromResult(server.Log.Lines.Count(line => line == Seen) == 3));
    }

    [Theory]
    [InlineData("expired", CloseReason.TlsExpired, "expired at ")]
    [InlineData("not yet valid", CloseReason.TlsNotYetValid, "is not valid before ")]
    [InlineData("another root", CloseReason.TlsUnknownCa, "does not chain to ")]
    [InlineData("for clients only", CloseReason.TlsWrongEku, "is not issued for servers")]
    [InlineData("another name", CloseReason.TlsSanMismatch, "expected api.example.com but the server is 'www.example.com'")]
    [InlineData("a SPIFFE ID", CloseReason.TlsSanMismatch, "expected api.example.com but the server is spiffe://cluster.local/ns/demo/sa/web")]
    public async Task A_server_nobody_may_believe_gets_nothing(string problem, CloseReason reason, string detail)
    {
        var leaf = problem switch
        {
            "expired" => ServerLeaf(new() { From = TimeSpan.FromHours(-2), To = TimeSpan.FromMinutes(-1) }),
            "not yet valid" => ServerLeaf(new() { From = TimeSpan.FromMinutes(30) }),
            "another root" => pki.IssueByOtherRoot("egress-stranger"),
            "for clients only" => ServerLeaf(new() { Usages = [LeafRequest.ClientAuth] }),
            "another name" => ServerLeaf(new() { Dns = "www.example.com" }),
            _ => pki.Web,
        };
        await using var server = await ForeignServer.StartAsync("openssl", Task(leaf));
        using var proxy = new EgressProxy();

        var record = await proxy.RefusalAsync(server.Port, Simple());

        Assert.Equal((reason, EndedBy.Proxy, null), (record.Reason, record.EndedBy, record.Tls?.Version));
        Assert.Contains(detail, record.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api.example.com", true)]
    [InlineData("API.example.com", true)]
    [InlineData("www.example.com", false)]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web", false)]
    public async Task Names_of_the_rule_count_instead_of_the_server_name(string name, bool believed)
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf()));
        using var proxy = new EgressProxy();

        await JudgedAsync(proxy, server, Simple(serverName: "other.example.com", names: [name, "third.example.com"]), believed);
    }

    [Theory]
    [InlineData("spiffe://cluster.local/ns/demo/sa/web", true)]
    [InlineData("spiffe://cluster.local/ns/demo/sa/other", false)]
    public async Task A_SPIFFE_ID_can_be_the_name(string name, bool believed)
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(pki.Web));
        using var proxy = new EgressProxy();

        await JudgedAsync(proxy, server, Simple(names: [name]), believed);
    }

    [Theory]
    [InlineData("*.example.com", true)]
    [InlineData("*.com", false)]
    public async Task A_star_in_a_certificate_stands_for_one_label(string certified, bool believed)
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf(new() { Dns = certified })));
        using var proxy = new EgressProxy();

        await JudgedAsync(proxy, server, Simple(), believed);
    }

    [Fact]
    public async Task The_authorities_of_the_system_are_the_ones_where_none_are_named_and_do_not_know_ours()
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf()));
        using var proxy = new EgressProxy();

        var record = await proxy.RefusalAsync(server.Port, Simple(authorities: ""));

        Assert.Equal(CloseReason.TlsUnknownCa, record.Reason);
        Assert.Contains("an authority of the system", record.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_name_to_verify_no_handshake_is_begun()
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf()));
        using var proxy = new EgressProxy();

        var record = await proxy.RefusalAsync(server.Port, Simple(serverName: ""));

        Assert.Equal(CloseReason.TlsSanMismatch, record.Reason);
        Assert.Contains("add sni or subjectAltNames", record.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_wants_a_certificate_and_gets_none_refuses_us_and_its_alert_is_named()
    {
        await using var server = await ForeignServer.StartAsync("openssl", Task(ServerLeaf(), "1.2") with { AsksForCertificate = true });
        using var proxy = new EgressProxy();

        var record = await proxy.RefusalAsync(server.Port, Simple());

        Assert.Equal(CloseReason.TlsPeerRejectedUs, record.Reason);
        Assert.Contains("handshake_failure", record.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_in_clear_is_told_from_one_that_speaks_TLS()
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "nginx", Nginx.PlainHttp(pki, port));
        using var proxy = new EgressProxy();

        var record = await proxy.RefusalAsync(port, Simple());

        Assert.Equal(CloseReason.TlsPeerIsPlaintext, record.Reason);
    }

    [Fact]
    public async Task A_silent_server_is_given_its_time_and_no_more()
    {
        await using var silent = new Backend();
        using var proxy = new EgressProxy { Patient = 300 };

        var record = await proxy.RefusalAsync(silent.Address.Port, Simple());

        Assert.Equal(CloseReason.HandshakeTimeout, record.Reason);
    }

    private static async Task JudgedAsync(EgressProxy proxy, ForeignServer server, UpstreamSecurity security, bool believed)
    {
        if (!believed)
        {
            Assert.Equal(CloseReason.TlsSanMismatch, (await proxy.RefusalAsync(server.Port, security)).Reason);
            return;
        }
        var (caller, ending) = await proxy.CallAsync(server.Port, security);
        using (caller)
        {
            await caller.EchoAsync(1000);
            await caller.EndAsync();
        }
        Assert.Equal(CloseReason.Completed, (await ending).Reason);
    }

    private ServerTask Task(Leaf leaf, string version = "1.3") =>
        new(pki, FreePorts.Take(), leaf) { Version = version, AsksForCertificate = false };

    private Leaf ServerLeaf(LeafRequest? wanted = null) =>
        pki.Issue("egress", (wanted ?? new()) with { Uris = [], Dns = wanted?.Dns ?? Host });

    private UpstreamSecurity Simple(string serverName = Host, string? authorities = null, params string[] names) =>
        new(UpstreamSecurityKind.Tls, serverName, [], new UpstreamTls(UpstreamTlsMode.Simple, 1)
        {
            CaCertificates = authorities ?? pki.RootFile, SubjectAltNames = [.. names],
        });

    private UpstreamSecurity Mutual(Leaf leaf) => new(UpstreamSecurityKind.Tls, Host, [], new UpstreamTls(UpstreamTlsMode.Mutual, 1)
    {
        CaCertificates = pki.RootFile, ClientCertificate = leaf.Chain, PrivateKey = leaf.Key,
    });
}
