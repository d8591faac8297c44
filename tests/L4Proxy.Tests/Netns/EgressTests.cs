using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Tests.Names;
using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>A pod that calls out of the mesh: by name, over TLS it does not speak itself, and to what nobody has written down.</summary>
public sealed class EgressTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("l4p-egress-");
    private readonly PodTopology _topology = new();

    public EgressTests()
    {
        // The proxy is somebody else, and it writes here.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_111_111);
        // Bound over /etc/resolv.conf by "ip netns exec".
        Directory.CreateDirectory(PodFiles);
        File.WriteAllText($"{PodFiles}/resolv.conf", $"nameserver {ClientV4}\n");
    }

    private string PodFiles => $"/etc/netns/{_topology.Pod.Name}";

    private Caller Application => new(_topology.Pod, 1000, 1000);

    public void Dispose()
    {
        Directory.Delete(PodFiles, recursive: true);
        _topology.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_service_by_name_is_dialled_at_the_address_its_name_has()
    {
        await using var names = new DnsServer(
            question => Task.FromResult<byte[][]>([question.Answer(DnsTestRecord.Address("db.example.com", ExternalV4))]),
            _topology.Client.Open(AddressFamily.InterNetwork, type: SocketType.Dgram), _topology.Client.Open(AddressFamily.InterNetwork),
            new IPEndPoint(IPAddress.Parse(ClientV4), 53));
        await using var database = Server.Application(_topology.Client, 7000);
        await using var proxy = await StartAsync($$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: db}
            spec:
              hosts: [db.example.com]
              addresses: ["{{ServiceV4}}"]
              ports: [{number: 7000, name: tcp, protocol: TCP}]
              resolution: DNS
            """);

        await Running.Patience.UntilAsync("the service answers", async () =>
            await Application.CallAsync(ServiceV4, 7000) == $"APP7000[from {PodV4}]");

        var last = (await proxy.SettledAccessLogAsync())[^1].Line;
        Assert.Equal(
            ("db.example.com:7000", $"{ExternalV4}:7000"), (last.GetProperty("route").GetString(), last.GetProperty("upstream").GetString()));
        Assert.All(names.Questions, question => Assert.Equal("db.example.com", question.Name));
    }

    [Fact]
    public async Task A_rule_of_mode_SIMPLE_puts_TLS_around_what_the_application_says_in_clear()
    {
        using var pki = new TestPki();
        File.SetUnixFileMode(Path.GetDirectoryName(pki.RootFile)!, (UnixFileMode)0b111_101_101);
        var certificate = new WorkloadCertificate(pki.Issue("bank", new() { Uris = [], Dns = "bank.example.com" }), pki.RootFile);
        await using var bank = new Server(_topology.Client, 7443, async (socket, cancellationToken) =>
        {
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsServerAsync(certificate.ApplicationServer(), cancellationToken);
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"over TLS to {tls.TargetHostName}"), cancellationToken);
            await tls.ShutdownAsync();
        });
        await using var proxy = await StartAsync($$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: bank}
            spec:
              hosts: [bank.example.com]
              addresses: ["{{ServiceV4}}"]
              ports: [{number: 80, name: tcp, protocol: TCP, targetPort: 7443}]
              resolution: STATIC
              endpoints: [{address: "{{ExternalV4}}"}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: bank}
            spec:
              host: bank.example.com
              trafficPolicy: {tls: {mode: SIMPLE, caCertificates: "{{pki.RootFile}}" } }
            """);

        Assert.Equal("over TLS to bank.example.com", await Application.CallAsync(ServiceV4, 80));

        var line = Assert.Single(await proxy.SettledAccessLogAsync()).Line;
        Assert.Equal(
            ("completed", "bank.example.com", "1.3"),
            (line.GetProperty("reason").GetString(), line.GetProperty("sni").GetString(), line.GetProperty("tlsVersion").GetString()));
        Assert.False(line.TryGetProperty("peerIdentity", out var identity) && identity.GetString() is not null);
    }

    [Fact]
    public async Task What_was_learned_lets_exactly_that_pass_where_only_the_registry_counts()
    {
        var learned = $"{_folder.FullName}/learned.yaml";
        await using var known = Server.Application(_topology.Client, 7000);
        await using var unknown = Server.Application(_topology.Client, 7001);
        await using (await StartAsync("", $"learnEgress: {learned}"))
        {
            Assert.Equal($"APP7000[from {PodV4}]", await Application.CallAsync(ExternalV4, 7000));
        }
        var text = await File.ReadAllTextAsync(learned);
        Assert.Contains($"# {ExternalV4} port 7000: 1 connection(s)", text, StringComparison.Ordinal);

        await using var proxy = await StartAsync(text, "outboundTrafficPolicy: REGISTRY_ONLY");

        Assert.Equal($"APP7000[from {PodV4}]", await Application.CallAsync(ExternalV4, 7000));
        Assert.Equal("reset", await Application.CallAsync(ExternalV4, 7001));
        Assert.Equal(
            "completed egressBlocked", string.Join(' ', (await proxy.SettledAccessLogAsync()).Select(entry => entry.Reason)));
    }

    private async Task<RunningProxy> StartAsync(string resources, string mesh = "onPolicyChange: keep")
    {
        var file = $"{_folder.FullName}/resources.yaml";
        await File.WriteAllTextAsync(file, resources);
        _topology.Pod.MustRedirect("apply");
        var proxy = new RunningProxy(_topology.Pod, $"{RunningProxy.Configuration}mesh:\n  resources: {file}\n  {mesh}\nworkload: {{namespace: demo}}\n");
        await proxy.WaitUntilReadyAsync();
        return proxy;
    }
}
