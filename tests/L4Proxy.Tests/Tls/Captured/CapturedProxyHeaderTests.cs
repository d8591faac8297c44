using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>
/// PROXY headers through captured and static ports: read from whoever is trusted to send them and from nobody else, written to the
/// application with who the peer has proven to be. The application is told everything by its header and answers it.
/// </summary>
public sealed class CapturedProxyHeaderTests(CapturedProxyHeaderTests.HeaderPod pod) : IClassFixture<CapturedProxyHeaderTests.HeaderPod>
{
    private const int Captured = 8200;
    private const int Static = 9001;

    private static readonly byte[] _v2 =
    [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12,
        198, 51, 100, 7, 10, 77, 0, 2, 0x12, 0x67, 0x20, 0x08,   // 198.51.100.7:4711 to 10.77.0.2:8200
    ];

    [Theory]
    [InlineData(Captured)]
    [InlineData(Static)]
    public async Task Whom_a_header_of_version_1_names_is_whom_the_application_and_the_log_are_told(int port)
    {
        Assert.Equal($"203.0.113.9:4711 10.77.0.2:{port} -: hello", await CallAsync(port, "PROXY TCP4 203.0.113.9 10.77.0.2 4711 8080\r\n"u8.ToArray(), "hello\n"));
        Assert.Equal("203.0.113.9:4711 completed", await LoggedAsync());
    }

    [Theory]
    [InlineData(Captured)]
    [InlineData(Static)]
    public async Task Whom_a_header_of_version_2_names_is_whom_the_application_and_the_log_are_told(int port)
    {
        Assert.Equal($"198.51.100.7:4711 10.77.0.2:{port} -: hello", await CallAsync(port, _v2, "hello\n"));
        Assert.Equal("198.51.100.7:4711 completed", await LoggedAsync());
    }

    [Fact]
    public async Task Behind_a_header_comes_mesh_TLS_and_the_application_is_told_the_identity_it_proved()
    {
        using var socket = await ConnectAsync(Captured, PodTopology.ClientV4);
        await socket.SendAsync(_v2);
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(pod.Mesh.Certificate("shop").Client());
        await tls.WriteAsync("hello\n"u8.ToArray());

        Assert.Equal($"198.51.100.7:4711 10.77.0.2:{Captured} {MeshPod.Shop}: hello", Encoding.ASCII.GetString(await Turns.RestAsync(tls)));
        await Turns.EndAsync(tls, socket);
        Assert.Equal("198.51.100.7:4711 completed", await LoggedAsync());
    }

    [Theory]
    [InlineData(Captured)]
    [InlineData(Static)]
    public async Task From_others_no_header_is_taken_and_what_looks_like_one_is_theirs_to_say(int port)
    {
        var answer = await CallAsync(port, [], "PROXY TCP4 203.0.113.9 10.77.0.2 4711 8080\n", PodTopology.ExternalV4);

        Assert.Matches($@"^10\.88\.0\.1:\d+ 10\.77\.0\.2:{port} -: PROXY TCP4 203\.0\.113\.9 10\.77\.0\.2 4711 8080$", answer);
        Assert.Matches(@"^10\.88\.0\.1:\d+ completed$", await LoggedAsync());
    }

    [Theory]
    [InlineData(Captured, "PROXY TCP4 nobody 10.77.0.2 4711 8080\r\n")]
    [InlineData(Captured, "GET / HTTP/1.1\r\n\r\n")]
    [InlineData(Captured, "")]
    [InlineData(Captured, "PROXY TCP4 203.0.113.9 10.7")]
    [InlineData(Static, "PROXY TCP4 203.0.113.9 10.77.0.2 4711 99999\r\n")]
    [InlineData(Static, "")]
    public async Task A_header_that_is_malformed_or_does_not_come_ends_the_connection_before_anything_is_dialled(int port, string said)
    {
        Assert.Equal("reset", await CallAsync(port, Encoding.ASCII.GetBytes(said), ""));

        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        Assert.Equal(("proxyHeaderInvalid", null), (line.Reason, EndingFacts.Text(line.Line, "upstream")));
        Assert.NotNull(EndingFacts.Text(line.Line, "detail"));
        // What could still become a header is waited for, until the deadline of the handshake it belongs to.
        Assert.Equal(said.EndsWith('\n'), line.Line.GetProperty("totalMs").GetDouble() < HeaderPod.Deadline.TotalMilliseconds - 10);
    }

    private async Task<string> LoggedAsync()
    {
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        return $"{line.Downstream} {line.Reason}";
    }

    private async Task<string> CallAsync(int port, byte[] header, string line, string from = PodTopology.ClientV4)
    {
        using var socket = await ConnectAsync(port, from);
        try
        {
            await socket.SendAsync((byte[])[.. header, .. Encoding.ASCII.GetBytes(line)]);
            await using var stream = new NetworkStream(socket);
            return Encoding.ASCII.GetString(await Turns.RestAsync(stream));
        }
        catch (Exception refused) when (refused is SocketException or IOException)
        {
            return Turns.Refusal(refused);
        }
    }

    private async Task<Socket> ConnectAsync(int port, string from)
    {
        var socket = pod.Mesh.Pod.Remote.Where.Open(AddressFamily.InterNetwork);
        socket.NoDelay = true;
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(PodTopology.PodV4, port);
        return socket;
    }

    /// <summary>The pod, and an application that wants a header and says what was in it.</summary>
    public sealed class HeaderPod : IAsyncLifetime
    {
        internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

        internal MeshPod Mesh { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var headers = $"proxyProtocol: {{accept: [{PodTopology.ClientV4}/32], send: v2}}";
            Mesh = await MeshPod.StartAsync(
                $$"""
                capture: {outbound: 15001, inbound: 15006, {{headers}}}
                forward: [{listen: "0.0.0.0:{{Static}}", upstream: "127.0.0.1:{{Captured}}", {{headers}}}]
                timeouts: {connect: 2s, drain: 2s, handshake: {{(int)Deadline.TotalSeconds}}s}
                IDENTITY
                """,
                "--exclude-inbound-ports", $"{Static}");
            Mesh.Pod.Serve(new Server(Mesh.Pod.Topology.Pod, Captured, AnswerAsync, 1000, 1000));
        }

        public async Task DisposeAsync() => await Mesh.DisposeAsync();

        private static async Task AnswerAsync(Socket accepted, CancellationToken cancellationToken)
        {
            using var dialogue = Dialogue.Of(accepted);
            var header = await ProxyV2Header.ReadAsync(dialogue);
            var line = (await Turns.LineAsync(dialogue.Ear)).TrimEnd('\n');
            await dialogue.SayAsync($"{header.Source} {header.Destination} {header.Identity ?? "-"}: {line}");
        }
    }
}
