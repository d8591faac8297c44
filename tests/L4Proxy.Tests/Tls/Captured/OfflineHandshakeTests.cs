using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>
/// Certificates name places on the network where their issuer and their revocation could be asked for. Whoever asks, from a place where
/// nobody answers, hangs for the time of a TCP connect; so the handshake must not.
/// </summary>
public sealed partial class OfflineHandshakeTests : IDisposable
{
    private const int Terminating = 9000, Originating = 9001, Server = 9002, Application = 9003;
    private const int Handshakes = 10;

    private readonly TestPki _pki = new();

    [Fact]
    public async Task A_handshake_is_quick_and_asks_nobody_when_certificates_name_places_that_do_not_answer()
    {
        using var where = new NetworkNamespace("offline");
        // Everything that leaves goes to a device at whose other end is nobody, and is counted; so is every question to a resolver, wherever it is.
        where.MustRun("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
        where.Ip("link add void0 type veth peer name void1\nlink set void0 up\nlink set void1 up\naddr add 192.0.2.9/24 dev void0\nroute add default dev void0");
        where.RunWithInput(
            """
            table inet count {
              counter asked { }
              chain out {
                type filter hook output priority 0;
                oifname != "lo" counter name asked
                oifname "lo" meta l4proto { tcp, udp } th dport { 53, 80 } counter name asked
              }
            }
            """, "nft", "-f", "-");
        Assert.Equal(0, Asked(where));
        var (shop, web) = (_pki.Issue("caller", new() { NamesPlaces = true }), _pki.Issue("callee", new() { NamesPlaces = true }));
        File.SetUnixFileMode(Path.GetDirectoryName(_pki.RootFile)!, (UnixFileMode)0b111_101_101);
        await using var application = new Server(where, Application, EchoAsync);
        await using var server = new Server(where, Server, (accepted, token) => EchoAsync(accepted, new WorkloadCertificate(shop, _pki.RootFile).Server(), token));
        await using var proxy = new RunningProxy(where, $$"""
            forward:
              - {listen: "127.0.0.1:{{Terminating}}", upstream: "127.0.0.1:{{Application}}", tls: terminate}
              - {listen: "127.0.0.1:{{Originating}}", upstream: "127.0.0.1:{{Server}}", tls: originate, peer: "{{shop.Id}}"}
            {{_pki.IdentityOf(web)}}
            """);
        await proxy.WaitUntilReadyAsync();

        for (var i = 0; i < Handshakes; i++)
        {
            await CallAsync(where, Terminating, new WorkloadCertificate(shop, _pki.RootFile).Client());
            await CallAsync(where, Originating, null);
        }

        var lines = await proxy.SettledAccessLogAsync();
        Assert.All(lines, line => Assert.Equal(("completed", shop.Id), (line.Reason, EndingFacts.Text(line.Line, "peerIdentity"))));
        Assert.Equal(0, Asked(where));
        // The first of each side loads code. Of the rest the quickest is what a handshake takes; the others what else the machine does.
        foreach (var side in lines.GroupBy(line => EndingFacts.Text(line.Line, "upstream"), StringComparer.Ordinal))
        {
            Assert.InRange(side.Skip(1).Min(line => line.Line.GetProperty("handshakeMs").GetDouble()), 0, 20);
        }

        // And the counter would have seen it.
        using var stranger = where.Open(AddressFamily.InterNetwork);
        stranger.Blocking = false;
        Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => stranger.Connect(LeafRequest.Place, 80)).SocketErrorCode);
        Assert.NotEqual(0, Asked(where));
    }

    public void Dispose() => _pki.Dispose();

    private static async Task CallAsync(NetworkNamespace where, int port, SslClientAuthenticationOptions? options)
    {
        using var socket = where.Open(AddressFamily.InterNetwork);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Stream stream = new NetworkStream(socket);
        if (options is not null)
        {
            var tls = new SslStream(stream);
            stream = tls;
            await tls.AuthenticateAsClientAsync(options);
        }
        await Turns.AskAsync(stream, () => Turns.EndAsync(stream, socket), First.Client, Task.CompletedTask);
    }

    private static Task EchoAsync(Socket accepted, CancellationToken cancellationToken) => EchoAsync(accepted, null, cancellationToken);

    private static async Task EchoAsync(Socket accepted, SslServerAuthenticationOptions? options, CancellationToken cancellationToken)
    {
        Stream stream = new NetworkStream(accepted);
        if (options is not null)
        {
            var tls = new SslStream(stream);
            stream = tls;
            await tls.AuthenticateAsServerAsync(options, cancellationToken);
        }
        await Turns.ServeAsync(stream, First.Client);
        await Turns.EndAsync(stream, accepted);
    }

    private static int Asked(NetworkNamespace where) =>
        int.Parse(Packets().Match(where.MustRun("nft", "list", "counter", "inet", "count", "asked")).Groups["packets"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"packets (?<packets>\d+)", RegexOptions.None, 1000)]
    private static partial Regex Packets();
}
