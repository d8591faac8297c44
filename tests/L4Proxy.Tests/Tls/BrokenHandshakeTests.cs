using System.Net;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>Handshakes with openssl that begin well and are not allowed to end so.</summary>
[Collection(ForeignTlsCollection.Name)]
public sealed class BrokenHandshakeTests(TestPki pki)
{
    // A client's record 0 is its ClientHello, 1 is the change_cipher_spec that middleboxes want, what follows is encrypted.
    [Theory]
    [InlineData(1, RecordFate.Vanish, "handshakeTimeout", "proxy")]
    [InlineData(2, RecordFate.Vanish, "handshakeTimeout", "proxy")]
    [InlineData(1, RecordFate.Fin, "tlsPeerLeft", "downstream")]
    [InlineData(2, RecordFate.HalfThenFin, "tlsPeerLeft", "downstream")]
    [InlineData(1, RecordFate.Reset, "tlsPeerLeft", "downstream")]
    [InlineData(1, RecordFate.Garbage, "tlsProtocolError", "proxy")]
    [InlineData(2, RecordFate.Flip, "tlsProtocolError", "proxy")]
    public async Task A_client_whose_handshake_is_cut_or_damaged_is_refused(int record, RecordFate fate, string reason, string endedBy)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate", More = pki.IdentityOf(pki.Web), Timeouts = Deadline(fate),
        });
        await using var relay = new RecordRelay(proxy.File.Listen, ofClient: RecordRelay.At(record, fate));
        await using var client = ForeignProcess.Start("openssl", OpenSsl.Client(new(pki, relay.Port, pki.Shop)));

        var ending = await proxy.EndingAsync();

        Assert.Equal((reason, endedBy, "terminatingTls"),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "phase")));
        Assert.Null(EndingFacts.Text(ending, "upstream"));
        await proxy.EndAsync();
    }

    // A server's record 0 is its ServerHello, 1 is change_cipher_spec, what follows is encrypted.
    [Theory]
    [InlineData(0, RecordFate.Vanish, "handshakeTimeout", "proxy")]
    [InlineData(2, RecordFate.Vanish, "handshakeTimeout", "proxy")]
    [InlineData(0, RecordFate.Fin, "tlsPeerLeft", "upstream")]
    [InlineData(0, RecordFate.HalfThenFin, "tlsPeerLeft", "upstream")]
    [InlineData(2, RecordFate.Fin, "tlsPeerLeft", "upstream")]
    [InlineData(0, RecordFate.Reset, "tlsPeerLeft", "upstream")]
    [InlineData(1, RecordFate.Garbage, "tlsProtocolError", "proxy")]
    [InlineData(2, RecordFate.Flip, "tlsProtocolError", "proxy")]
    public async Task A_caller_whose_server_breaks_the_handshake_is_reset(int record, RecordFate fate, string reason, string endedBy)
    {
        var port = FreePorts.Take();
        await using var server = await ForeignProcess.ListeningAsync(port, "openssl", OpenSsl.Server(new(pki, port, pki.Web), "-alpn", "istio"));
        await using var relay = new RecordRelay(port, ofServer: RecordRelay.At(record, fate));
        await using var proxy = await RunningProxy.StartAsync(Originating(relay.Port, Deadline(fate)));

        Assert.Equal("RST", await proxy.RefusalAsync());

        var ending = await proxy.EndingAsync();
        Assert.Equal((reason, endedBy, "originatingTls"),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "phase")));
        await proxy.EndAsync();
    }

    /// <summary>Two raw clients: a hello that announces one byte more than 16 KiB, and one whose parts do not add up.</summary>
    [Theory]
    [InlineData("160301 4000 01 003FFD 0303")]
    [InlineData("160301 0006 01 000002 0303")]
    public async Task A_client_whose_hello_is_too_large_or_broken_is_reset_before_anything_is_dialled(string hello)
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address) { Forward = "tls: terminate", More = pki.IdentityOf(pki.Web) });
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(Convert.FromHexString(hello.Replace(" ", "", StringComparison.Ordinal)));

        var ending = await proxy.EndingAsync();

        Assert.Equal(("clientHelloTooLarge", "proxy", "detecting"),
            (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "endedBy"), EndingFacts.Text(ending, "phase")));
        Assert.Null(EndingFacts.Text(ending, "upstream"));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_refused_at_the_handshake_deadline()
    {
        await using var backend = new Backend();
        await using var proxy = await RunningProxy.StartAsync(new(backend.Address)
        {
            Forward = "tls: terminate", More = pki.IdentityOf(pki.Web), Timeouts = Deadline(RecordFate.Vanish),
        });
        using var silent = await proxy.ConnectAsync();

        Assert.Equal("RST", await silent.EndAsync());

        var ending = await proxy.EndingAsync();
        Assert.Equal(("handshakeTimeout", "detecting"), (EndingFacts.Text(ending, "reason"), EndingFacts.Text(ending, "phase")));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_is_given_up_at_the_handshake_deadline()
    {
        await using var silent = new Backend();
        await using var proxy = await RunningProxy.StartAsync(Originating(silent.Address.Port, Deadline(RecordFate.Vanish)));

        Assert.Equal("RST", await proxy.RefusalAsync());

        Assert.Equal("handshakeTimeout", EndingFacts.Text(await proxy.EndingAsync(), "reason"));
        await proxy.EndAsync();
    }

    // Short where it is waited for, and yet long enough for half a handshake on a busy machine.
    private static string Deadline(RecordFate fate) => fate == RecordFate.Vanish ? "handshake: 700ms" : "handshake: 30s";

    private ProxyFile Originating(int port, string timeouts) => new(new IPEndPoint(IPAddress.Loopback, port))
    {
        Forward = $"""tls: originate, peer: "{pki.Web.Id}", sni: "{ClientTask.IstioSni}" """,
        More = pki.IdentityOf(pki.Shop),
        Timeouts = timeouts,
    };
}
