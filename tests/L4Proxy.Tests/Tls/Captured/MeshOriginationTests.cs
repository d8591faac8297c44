using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Tests.Netns;
using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>An application of one pod calls another pod in clear, and between the pods it is mutual TLS, or nothing at all.</summary>
public sealed class MeshOriginationTests(TwoPods pods) : IClassFixture<TwoPods>
{
    private readonly List<AccessLogEntry> _web = [];
    private readonly List<AccessLogEntry> _shop = [];

    [Theory]
    [InlineData(PodV4, TwoPods.ClientFirst, First.Client, "outbound_.8300_._.web.demo.svc.cluster.local")]
    [InlineData(PodV6, TwoPods.ClientFirst, First.Client, "outbound_.8300_.v6_.web.demo.svc.cluster.local")]
    [InlineData(PodV4, TwoPods.ServerFirst, First.Server, "outbound_.8301_._.web.demo.svc.cluster.local")]
    [InlineData(PodV6, TwoPods.ServerFirst, First.Server, "outbound_.8301_.v6_.web.demo.svc.cluster.local")]
    public async Task Whoever_speaks_first_every_byte_arrives_and_both_proxies_know_both_ends(string address, int port, First first, string sni)
    {
        using var socket = await ConnectAsync(address, port);
        var wire = new RecordedStream(new NetworkStream(socket));

        await Turns.AskAsync(wire, () => Turns.EndAsync(wire, socket), first, Task.CompletedTask);

        var (heard, said) = await (await pods.Application(port).VisitAsync()).Bytes;
        Assert.Equal(wire.Written, heard);
        Assert.Equal(wire.Heard, said);
        await ReadLogsAsync();
        Assert.Equal(new("completed", MeshPod.Web, MeshPod.Shop, "1.3", "istio", sni), EndingFacts.Of(Last(_shop).Line));
        Assert.Equal(new("completed", MeshPod.Shop, MeshPod.Web, "1.3", "istio", sni), EndingFacts.Of(Last(_web).Line));
        Assert.Equal(("outbound", "inbound"), (Last(_shop).Direction, Last(_web).Direction));
    }

    [Fact]
    public async Task A_proxy_with_another_identity_than_expected_gets_nothing_of_what_the_application_said()
    {
        using var socket = await ConnectAsync(PodV4, TwoPods.Misnamed);
        await socket.SendAsync("secret"u8.ToArray());

        Assert.Equal("reset", await EndAsync(socket));

        await ReadLogsAsync();
        var line = Last(_shop).Line;
        Assert.Equal(("tlsSanMismatch", null), (EndingFacts.Text(line, "reason"), EndingFacts.Text(line, "peerIdentity")));
        Assert.Equal($"expected {MeshPod.Other} but the peer is {MeshPod.Web}", EndingFacts.Text(line, "detail"));
        Assert.Equal(0, line.GetProperty("bytesToUpstream").GetInt64());
        Assert.Equal(0, Last(_web).Line.GetProperty("bytesToUpstream").GetInt64());
        // A client of TLS 1.3 judges a server that has judged it already, so the other proxy may have dialled; what matters is what it was told.
        Assert.All(await pods.Application(TwoPods.Misnamed).VisitsAsync(), visit => Assert.Empty(visit.Bytes.Result.Heard));
    }

    [Fact]
    public async Task A_server_with_another_identity_than_expected_gets_nothing_of_what_the_application_said()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new Server(pods.WebPod, TwoPods.PastTheProxy, async (accepted, cancellationToken) =>
        {
            await using var tls = new SslStream(new NetworkStream(accepted));
            try
            {
                await tls.AuthenticateAsServerAsync(Certificate("other").Server(), cancellationToken);
                heard.SetResult(Encoding.ASCII.GetString(await Turns.RestAsync(tls)));
            }
            catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
            {
                heard.TrySetResult("");
            }
        });
        using var socket = await ConnectAsync(PodV4, TwoPods.PastTheProxy);
        await socket.SendAsync("secret"u8.ToArray());

        Assert.Equal("reset", await EndAsync(socket));

        Assert.Equal("", await heard.Task);
        await ReadLogsAsync();
        Assert.Equal(("tlsSanMismatch", $"expected {MeshPod.Web} but the peer is {MeshPod.Other}"), (Last(_shop).Reason, EndingFacts.Text(Last(_shop).Line, "detail")));
    }

    [Fact]
    public async Task What_the_application_says_before_the_handshake_is_over_arrives_after_it()
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new Server(pods.WebPod, TwoPods.PastTheProxy, async (accepted, cancellationToken) =>
        {
            await said.Task;
            await using var tls = new SslStream(new NetworkStream(accepted));
            await tls.AuthenticateAsServerAsync(Certificate("web").Server(), cancellationToken);
            await tls.WriteAsync(Encoding.ASCII.GetBytes("you said: "), cancellationToken);
            await tls.CopyToAsync(tls, cancellationToken);
            await tls.ShutdownAsync();
        });
        using var socket = await ConnectAsync(PodV4, TwoPods.PastTheProxy);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("everything, and ended"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);
        said.SetResult();

        Assert.Equal("you said: everything, and ended", Encoding.ASCII.GetString(await Turns.RestAsync(stream)));
        await ReadLogsAsync();
        Assert.Equal(("completed", MeshPod.Web), (Last(_shop).Reason, EndingFacts.Text(Last(_shop).Line, "peerIdentity")));
    }

    [Fact]
    public async Task A_server_that_speaks_in_clear_where_the_mesh_is_expected_gets_nothing_of_what_the_application_said()
    {
        var heard = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new Server(pods.WebPod, TwoPods.PastTheProxy, async (accepted, cancellationToken) =>
        {
            await accepted.SendAsync("220 ready\n"u8.ToArray(), cancellationToken);
            var wire = new RecordedStream(new NetworkStream(accepted));
            await Record.ExceptionAsync(() => Turns.RestAsync(wire));
            heard.SetResult(wire.Heard);
        });
        using var socket = await ConnectAsync(PodV4, TwoPods.PastTheProxy);
        await socket.SendAsync("secret"u8.ToArray());

        Assert.Equal("reset", await EndAsync(socket));

        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(await heard.Task), StringComparison.Ordinal);
        await ReadLogsAsync();
        Assert.Equal("tlsPeerIsPlaintext", Last(_shop).Reason);
    }

    private WorkloadCertificate Certificate(string account) => WorkloadCertificate.In(pods.Authority.File($"demo/{account}"));

    private static AccessLogEntry Last(List<AccessLogEntry> log) => log[^1];

    private async Task<Socket> ConnectAsync(string address, int port)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = pods.Shop.Where.Open(to.AddressFamily, pods.Shop.Uid, pods.Shop.Gid);
        await socket.ConnectAsync(to);
        return socket;
    }

    private static async Task<string> EndAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        try
        {
            return $"{(await Turns.RestAsync(stream)).Length} bytes and FIN";
        }
        catch (IOException refused)
        {
            return Turns.Refusal(refused);
        }
    }

    private async Task ReadLogsAsync()
    {
        _shop.AddRange(await pods.ShopProxy.SettledAccessLogAsync());
        _web.AddRange(await pods.WebProxy.SettledAccessLogAsync());
    }
}
