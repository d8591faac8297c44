using System.Globalization;
using System.Text;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>
/// Rows of the matrix with openssl at both ends. That its handshake succeeds against the certificate of the application is a proof of its own:
/// TLS covers every byte of it, so a proxy that had touched one would have broken it.
/// </summary>
public sealed class CapturedOpenSslTests(ModeMatrixTests.Pods pods) : IClassFixture<ModeMatrixTests.Pods>
{
    private const int Port = 8443;

    [Theory]
    [InlineData("PERMISSIVE", false, "tls")]
    [InlineData("DISABLE", false, null)]
    [InlineData("DISABLE", true, null)]
    public async Task TLS_between_two_applications_passes_from_openssl_to_openssl(string mode, bool mesh, string? protocol)
    {
        var pod = (await pods.GetAsync(mode)).Mesh;
        await using var server = await ServerAsync(pod);

        Assert.Equal("hello there\n", Reversed(await AskAsync(pod, Port, mesh)));

        var line = Assert.Single(await pod.Pod.NewLinesAsync());
        Assert.Equal(("completed", protocol, null), (line.Reason, EndingFacts.Text(line.Line, "protocol"), EndingFacts.Text(line.Line, "tlsVersion")));
    }

    [Theory]
    [InlineData("PERMISSIVE")]
    [InlineData("STRICT")]
    public async Task TLS_of_the_mesh_is_terminated_for_openssl(string mode)
    {
        var pod = await pods.GetAsync(mode);
        var application = pod.Application(First.Client, tls: false);

        Assert.Equal("hello there\n", await AskAsync(pod.Mesh, application.Port, mesh: true));

        Assert.Equal("hello there\n"u8.ToArray(), (await (await application.VisitAsync()).Bytes).Heard);
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        Assert.Equal(new("completed", MeshPod.Shop, MeshPod.Web, "1.3", "istio", "web.demo.svc"), EndingFacts.Of(line.Line));
    }

    [Fact]
    public async Task An_openssl_without_a_certificate_is_refused_where_mTLS_is_demanded()
    {
        var pod = (await pods.GetAsync("STRICT")).Mesh;

        Assert.Equal("", await AskAsync(pod, (await pods.GetAsync("STRICT")).Application(First.Client, tls: true).Port, mesh: false));

        Assert.Equal("tlsNoPeerCertificate", Assert.Single(await pod.Pod.NewLinesAsync()).Reason);
    }

    /// <summary>What is answered to one line, by a server whose certificate must chain; nothing if the connection is refused.</summary>
    private static async Task<string> AskAsync(MeshPod pod, int port, bool mesh)
    {
        var files = pod.Authority.File("demo/shop");
        string[] certificate = mesh
            ? ["-alpn", "istio", "-cert", $"{files}/cert-chain.pem", "-key", $"{files}/key.pem", "-cert_chain", pod.Authority.File("intermediate.pem")]
            : [];
        await using var client = Start(pod.Pod.Topology.Client,
        [
            "s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"{PodTopology.PodV4}:{port}"), "-servername", "web.demo.svc",
            "-CAfile", $"{files}/root-cert.pem", "-verify_return_error", "-quiet", "-no_ign_eof", "-nocommands", .. certificate,
        ]);
        var dialogue = client.Dialogue;
        await dialogue.SayAsync("hello there\n");
        // It is told to leave by the end of its input, so not before it has its answer.
        var answer = await Turns.LineAsync(dialogue.Ear);
        try
        {
            dialogue.End();
        }
        catch (IOException)
        {
            // It was refused and has left already.
        }
        await client.ExitCodeAsync();
        return answer;
    }

    private static async Task<ForeignProcess> ServerAsync(MeshPod pod)
    {
        var files = pod.Authority.File("demo/other");
        var server = Start(pod.Pod.Topology.Pod,
        [
            "s_server", "-accept", string.Create(CultureInfo.InvariantCulture, $"{Port}"), "-alpn", "istio", "-rev", "-quiet",
            "-cert", $"{files}/cert-chain.pem", "-key", $"{files}/key.pem", "-cert_chain", pod.Authority.File("intermediate.pem"),
        ]);
        await Patience.UntilAsync("openssl listens",
            () => Task.FromResult(pod.Pod.Topology.Pod.MustRun("ss", "-Hltn", "sport", "=", string.Create(CultureInfo.InvariantCulture, $":{Port}")).Length > 0));
        return server;
    }

    private static ForeignProcess Start(NetworkNamespace where, IEnumerable<string> openssl) =>
        ForeignProcess.Start("ip", ["netns", "exec", where.Name, "openssl", .. openssl]);

    private static string Reversed(string line) => new StringBuilder().AppendJoin("", line.TrimEnd('\n').Reverse()).Append('\n').ToString();
}
