using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Commands;

namespace L4Proxy.Tests.Running;

/// <summary>The admin port of a proxy as it is shipped, and the verbs that ask it.</summary>
[Collection(RunningCollection.Name)]
public sealed class AdminPortTests : IDisposable
{
    private readonly PolicyFiles _files = new();

    [Fact]
    public async Task It_listens_on_the_loopback_of_both_families_and_nowhere_else()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address));
        using var http = new HttpClient();

        foreach (var host in new[] { "127.0.0.1", "[::1]", "localhost" })
        {
            Assert.StartsWith("""{"version":1,"generation":0,""", await http.GetStringAsync(new Uri(Format($"http://{host}:{proxy.File.Admin}/policy"))), StringComparison.Ordinal);
        }
        // Of the same device, and not what was bound.
        using var other = new TcpClient();
        var refused = await Assert.ThrowsAsync<SocketException>(() => other.ConnectAsync(IPAddress.Parse("127.0.0.2"), proxy.File.Admin));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        await proxy.EndAsync();
    }

    [Fact]
    public async Task Verbs_are_told_what_is_in_force_and_what_a_candidate_would_do()
    {
        await using var backend = Backend.Echo();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            More = $$"""
                workload: {namespace: demo, labels: {app: web} }
                mesh: {resources: "{{_files.Resources}}", outboundTrafficPolicy: REGISTRY_ONLY}
                """,
        });
        var port = Format($"{proxy.File.Admin}");

        var denied = await Verb.RunAsync("explain", "--inbound", "--to", "10.0.0.9:80", "--from", "10.0.0.7", "--admin-port", port);
        var blocked = await Verb.RunAsync("explain", "--to", "93.184.215.14:443", "--admin-port", port);
        var preview = await Verb.RunAsync("policy", "preview", "--resources", _files.Resources, "--admin-port", port);

        Assert.EndsWith("verdict: deny (plaintextRefused) [PeerAuthentication istio-system/default, policy.yaml:1]\n", denied.Output, StringComparison.Ordinal);
        Assert.EndsWith("verdict: deny (egressBlocked), route BlackHoleCluster\n", blocked.Output, StringComparison.Ordinal);
        Assert.Equal((0, "0 live connection(s), 0 affected, 0 would be denied\n", ""), preview);
        await proxy.ProcessLog.WaitForAsync("a candidate policy was previewed: 0 live connection(s) judged, 0 would be closed, 0 error(s); nothing was changed");
        await proxy.EndAsync();
    }

    public void Dispose() => _files.Dispose();

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
