using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>
/// What becomes of an inbound connection, by what it is, by the mode and by who speaks first. Each row says what the client met, what the
/// application met, and what the access log says.
/// </summary>
public sealed class ModeMatrixTests(ModeMatrixTests.Pods pods) : IClassFixture<ModeMatrixTests.Pods>
{
    [Theory]
    [InlineData("STRICT", "plaintext", First.Client, "reset", "not dialled", "plaintextRefused opaque")]
    [InlineData("STRICT", "plaintext", First.Server, "reset", "not dialled", "handshakeTimeout -")]
    [InlineData("STRICT", "plaintext", First.Nobody, "reset", "not dialled", "handshakeTimeout -")]
    [InlineData("STRICT", "application TLS", First.Client, "refused", "not dialled", "tlsNoPeerCertificate tls")]
    [InlineData("STRICT", "application TLS", First.Server, "refused", "not dialled", "tlsNoPeerCertificate tls")]
    [InlineData("STRICT", "application TLS", First.Nobody, "refused", "not dialled", "tlsNoPeerCertificate tls")]
    [InlineData("STRICT", "mesh TLS", First.Client, "served", "in clear", "completed meshTls of shop")]
    [InlineData("STRICT", "mesh TLS", First.Server, "served", "in clear", "completed meshTls of shop")]
    [InlineData("STRICT", "mesh TLS", First.Nobody, "served", "in clear", "completed meshTls of shop")]
    [InlineData("PERMISSIVE", "plaintext", First.Client, "served", "untouched", "completed opaque")]
    [InlineData("PERMISSIVE", "plaintext", First.Server, "served", "untouched", "completed -")]
    [InlineData("PERMISSIVE", "plaintext", First.Nobody, "served", "untouched", "completed -")]
    [InlineData("PERMISSIVE", "application TLS", First.Client, "served", "untouched", "completed tls")]
    [InlineData("PERMISSIVE", "application TLS", First.Server, "served", "untouched", "completed tls")]
    [InlineData("PERMISSIVE", "application TLS", First.Nobody, "served", "untouched", "completed tls")]
    [InlineData("PERMISSIVE", "mesh TLS", First.Client, "served", "in clear", "completed meshTls of shop")]
    [InlineData("PERMISSIVE", "mesh TLS", First.Server, "served", "in clear", "completed meshTls of shop")]
    [InlineData("PERMISSIVE", "mesh TLS", First.Nobody, "served", "in clear", "completed meshTls of shop")]
    [InlineData("DISABLE", "plaintext", First.Client, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "plaintext", First.Server, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "plaintext", First.Nobody, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "application TLS", First.Client, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "application TLS", First.Server, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "application TLS", First.Nobody, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "mesh TLS", First.Client, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "mesh TLS", First.Server, "served", "untouched", "completed -")]
    [InlineData("DISABLE", "mesh TLS", First.Nobody, "served", "untouched", "completed -")]
    public async Task A_connection_meets_what_its_mode_promises(string mode, string kind, First first, string client, string application, string logged)
    {
        var pod = await pods.GetAsync(mode);
        // Where mesh TLS is nobody's business but the application's, the application is who speaks it.
        var behind = pod.Application(first, tls: kind == "application TLS" || (kind == "mesh TLS" && mode == "DISABLE"));
        var options = kind switch
        {
            "application TLS" => pod.Mesh.Certificate("shop").ApplicationClient(),
            "mesh TLS" => pod.Mesh.Certificate("shop").Client(),
            _ => null,
        };

        var (met, wire) = await CallAsync(pod.Mesh.Pod.Remote, behind, options, first);
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        var visit = (await behind.VisitsAsync()).SingleOrDefault();

        Assert.Equal($"{client} | {application} | {logged}", $"{met} | {await DescribeAsync(visit, wire, first)} | {Describe(line)}");
        if (visit is null)
        {
            Assert.Null(EndingFacts.Text(line.Line, "upstream"));
        }
    }

    private static async Task<(string Met, RecordedStream Wire)> CallAsync(
        Caller caller, Application behind, SslClientAuthenticationOptions? options, First first)
    {
        using var socket = caller.Where.Open(AddressFamily.InterNetwork, caller.Uid, caller.Gid);
        await socket.ConnectAsync(PodTopology.PodV4, behind.Port);
        var wire = new RecordedStream(new NetworkStream(socket));
        try
        {
            Stream stream = wire;
            if (options is not null)
            {
                var tls = new SslStream(wire);
                stream = tls;
                await tls.AuthenticateAsClientAsync(options);
            }
            await Turns.AskAsync(stream, () => Turns.EndAsync(stream, socket), first, behind.VisitedAsync());
            return ("served", wire);
        }
        catch (Exception refused) when (refused is SocketException or IOException or AuthenticationException)
        {
            // In clear it is a reset, always; how TLS ends depends on what the client was saying meanwhile.
            return (options is null ? Turns.Refusal(refused) : "refused", wire);
        }
    }

    private static async Task<string> DescribeAsync(Visit? visit, RecordedStream wire, First first)
    {
        if (visit is null)
        {
            return "not dialled";
        }
        var (heard, said) = await visit.Bytes;
        return heard.AsSpan().SequenceEqual(wire.Written) && said.AsSpan().SequenceEqual(wire.Heard) ? "untouched"
            : heard.AsSpan().SequenceEqual(Turns.Said(first)) ? "in clear"
            : $"{heard.Length} other bytes";
    }

    private static string Describe(AccessLogEntry line)
    {
        var peer = EndingFacts.Text(line.Line, "peerIdentity");
        var secured = EndingFacts.Text(line.Line, "tlsVersion") is null ? "" : peer == MeshPod.Shop ? " of shop" : $" of {peer}";
        return $"{line.Reason} {EndingFacts.Text(line.Line, "protocol") ?? "-"}{secured}";
    }

    /// <summary>One pod for each mode, started by the first test that asks for it.</summary>
    public sealed class Pods : IAsyncLifetime
    {
        private readonly Dictionary<string, MatrixPod> _started = new(StringComparer.Ordinal);

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (var pod in _started.Values)
            {
                await pod.DisposeAsync();
            }
        }

        internal async Task<MatrixPod> GetAsync(string mode)
        {
            if (!_started.TryGetValue(mode, out var pod))
            {
                _started[mode] = pod = await MatrixPod.StartAsync(mode);
            }
            return pod;
        }
    }
}
