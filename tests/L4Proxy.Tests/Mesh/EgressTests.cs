using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.MeshTopology;
using static L4Proxy.Tests.Mesh.OutboundMesh;

namespace L4Proxy.Tests.Mesh;

/// <summary>Where the workload may go that no service covers.</summary>
public sealed class EgressTests(OutboundMesh mesh) : IClassFixture<OutboundMesh>
{
    private const string Anything = "mtls: PERMISSIVE";
    private const string Registered = "mtls: PERMISSIVE, outboundTrafficPolicy: REGISTRY_ONLY";

    private static readonly string _foreign = Of("ServiceEntry", "demo/foreign",
        $"{{hosts: [foreign.example], addresses: [{External(1)}], location: MESH_EXTERNAL, resolution: NONE, ports: [{{number: {Plaintext}, name: tcp, protocol: TCP}}]}}");

    [Fact]
    public async Task ALLOW_ANY_lets_it_pass_as_it_is()
    {
        await ConfigureAsync(Anything, "");
        await AssertPassesAsync("PassthroughCluster");
    }

    [Fact]
    public async Task REGISTRY_ONLY_resets_what_no_service_covers_and_says_what_would_allow_it()
    {
        await ConfigureAsync(Registered, "");
        await AssertBlockedAsync();
        var explained = mesh.Shop.Explain("--to", $"{External(1)}:{Plaintext}");
        Assert.Equal(("deny", "egressBlocked", "BlackHoleCluster"),
            (EndingFacts.Text(explained, "verdict"), EndingFacts.Text(explained, "reason"), EndingFacts.Text(explained, "route")));
    }

    [Fact]
    public async Task REGISTRY_ONLY_lets_pass_what_a_ServiceEntry_covers()
    {
        await ConfigureAsync(Registered, _foreign);
        await AssertPassesAsync($"foreign.example:{Plaintext}");
        // Its neighbour is not covered.
        Assert.Equal("reset", await mesh.CallAsync(External(2), Plaintext));
        Assert.Equal("egressBlocked", (await mesh.Shop.LineAsync()).Reason);
    }

    [Fact]
    public async Task A_Sidecar_switches_it_while_the_proxy_runs()
    {
        await ConfigureAsync(Anything, "");
        await AssertPassesAsync("PassthroughCluster");
        await mesh.Shop.ApplyAsync(Of("Sidecar", "demo/default", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"));
        await AssertBlockedAsync();
        await mesh.Shop.ApplyAsync(Of("Sidecar", "demo/default", "{outboundTrafficPolicy: {mode: ALLOW_ANY}}"));
        await AssertPassesAsync("PassthroughCluster");
    }

    [Theory]
    [InlineData("curl")]
    [InlineData("openssl")]
    public async Task The_name_that_was_wanted_is_in_the_log_of_what_was_blocked(string program)
    {
        await ConfigureAsync(Registered, "");
        string[] command = program == "curl"
            ? ["curl", "--silent", "--insecure", "--max-time", "10", "--resolve", $"shop.foreign.example:{TlsOfItsOwn}:{External(1)}", $"https://shop.foreign.example:{TlsOfItsOwn}/"]
            : ["openssl", "s_client", "-connect", $"{External(1)}:{TlsOfItsOwn}", "-servername", "shop.foreign.example"];

        var answer = CommandLineAs(command);

        Assert.NotEqual(0, answer.ExitCode);
        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("egressBlocked", "shop.foreign.example", $"{External(1)}:{TlsOfItsOwn}"),
            (line.Reason, EndingFacts.Text(line.Line, "sni"), $"{line.OriginalDestination}"));
        Assert.Contains("ServiceEntry", EndingFacts.Text(line.Line, "detail"), StringComparison.Ordinal);
    }

    private Netns.CommandAnswer CommandLineAs(string[] command)
    {
        var run = mesh.Shop.Where.As(1000, 1000, command);
        return Netns.CommandLine.Run("", run[0], run[1..]);
    }

    private async Task ConfigureAsync(string configuration, string resources)
    {
        await mesh.Shop.ReconfigureAsync(settings => settings with { Mesh = configuration });
        await mesh.Shop.ApplyAsync(resources);
    }

    private async Task AssertPassesAsync(string route)
    {
        Assert.Equal($"{External(1)}:{Plaintext} hello", await mesh.CallAsync(External(1), Plaintext));
        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("completed", route), (line.Reason, EndingFacts.Text(line.Line, "route")));
    }

    private async Task AssertBlockedAsync()
    {
        Assert.Equal("reset", await mesh.CallAsync(External(1), Plaintext));
        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("egressBlocked", "BlackHoleCluster", $"{External(1)}:{Plaintext}"),
            (line.Reason, EndingFacts.Text(line.Line, "route"), $"{line.OriginalDestination}"));
        Assert.Contains("ServiceEntry", EndingFacts.Text(line.Line, "detail"), StringComparison.Ordinal);
        Assert.Null(EndingFacts.Text(line.Line, "upstream"));
    }
}
