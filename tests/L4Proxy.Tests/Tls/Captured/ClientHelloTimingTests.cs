using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>Where both plaintext and mesh TLS are taken, time decides about silence only, and about nothing that has begun.</summary>
public sealed class ClientHelloTimingTests(ModeMatrixTests.Pods pods) : IClassFixture<ModeMatrixTests.Pods>
{
    /// <summary>The default of <c>timeouts.detection</c>.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(200);

    /// <summary>What the proxy's clock, which is read once in a turn, may differ from ours.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task A_greeting_in_clear_comes_right_after_the_grace_for_a_ClientHello()
    {
        var (pod, took) = (await pods.GetAsync("PERMISSIVE"), new List<TimeSpan>());
        for (var i = 0; i < 5; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            using var socket = await ConnectAsync(pod.Application(First.Server, tls: false));
            await using var stream = new NetworkStream(socket);
            Assert.Equal("220 ready\n", await Turns.LineAsync(stream));
            took.Add(TimeProvider.System.GetElapsedTime(started));
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal("221 goodbye\n"u8.ToArray(), await Turns.RestAsync(stream));
        }

        // Never before the grace, whatever the machine does; the quickest shows what we add to it.
        Assert.All(took, time => Assert.True(time >= _grace - _turn, $"after {time.TotalMilliseconds} ms"));
        Assert.InRange(took.Min(), TimeSpan.Zero, _grace + TimeSpan.FromMilliseconds(100));
        Assert.All(await pod.Mesh.Pod.NewLinesAsync(), line => Assert.Equal("completed", line.Reason));
        await pod.Application(First.Server, tls: false).VisitsAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(150)]
    public async Task A_ClientHello_within_the_grace_is_terminated_though_the_server_speaks_first(int milliseconds)
    {
        var pod = await pods.GetAsync("PERMISSIVE");
        var application = pod.Application(First.Server, tls: false);
        var started = TimeProvider.System.GetTimestamp();
        using var socket = await ConnectAsync(application);
        var wire = new RecordedStream(new NetworkStream(socket)) { Before = TimeSpan.FromMilliseconds(milliseconds) };
        await using var tls = new SslStream(wire);
        var failure = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(pod.Mesh.Certificate("shop").Client()));
        if (failure is not null)
        {
            // Only if the machine was so busy that the hello came too late; and then the application has greeted, and has it as bytes.
            Assert.True(TimeProvider.System.GetElapsedTime(started, wire.FirstWrittenAt) >= _grace - _turn, failure.ToString());
            socket.Shutdown(SocketShutdown.Send);
            await pod.Mesh.Pod.NewLinesAsync();
            Assert.StartsWith("220 ready\n", Encoding.ASCII.GetString(wire.Heard), StringComparison.Ordinal);
            Assert.Equal(wire.Written, (await (await application.VisitAsync()).Bytes).Heard);
            return;
        }

        await Turns.AskAsync(tls, () => Turns.EndAsync(tls, socket), First.Server, Task.CompletedTask);

        Assert.Equal(Turns.Said(First.Server), (await (await application.VisitAsync()).Bytes).Heard);
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        Assert.Equal(("completed", MeshPod.Shop), (line.Reason, EndingFacts.Text(line.Line, "peerIdentity")));
    }

    [Fact]
    public async Task A_ClientHello_after_the_grace_goes_to_the_application_as_it_is_and_nothing_is_mixed_up()
    {
        var pod = await pods.GetAsync("PERMISSIVE");
        var hello = await WorkloadCertificate.HelloAsync(pod.Mesh.Certificate("shop").Client());
        var application = pod.Application(First.Server, tls: false);
        using var socket = await ConnectAsync(application);
        var wire = new RecordedStream(new NetworkStream(socket)) { Before = TimeSpan.FromMilliseconds(300) };

        // The greeting is the proof that the grace is over; 300 ms more make it the half second of a slow peer.
        Assert.Equal("220 ready\n", await Turns.LineAsync(wire));
        await wire.WriteAsync(hello);
        socket.Shutdown(SocketShutdown.Send);

        Assert.Equal("221 goodbye\n"u8.ToArray(), await Turns.RestAsync(wire));
        Assert.Equal(hello, (await (await application.VisitAsync()).Bytes).Heard);
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        Assert.Equal(("completed", null), (line.Reason, EndingFacts.Text(line.Line, "tlsVersion")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ClientHello_that_trickles_in_byte_by_byte_is_taken_for_one_long_after_the_grace(bool mesh)
    {
        // Twenty bytes a twentieth of a second apart: five times the grace, over the record's header and the first fields. Then the rest.
        var pod = await pods.GetAsync("PERMISSIVE");
        var application = pod.Application(First.Client, tls: !mesh);
        using var socket = await ConnectAsync(application);
        var wire = new RecordedStream(new NetworkStream(socket)) { OneByOne = 20, Between = TimeSpan.FromMilliseconds(50) };
        await using var tls = new SslStream(wire);
        var shop = pod.Mesh.Certificate("shop");

        await tls.AuthenticateAsClientAsync(mesh ? shop.Client() : shop.ApplicationClient());
        await Turns.AskAsync(tls, () => Turns.EndAsync(tls, socket), First.Client, Task.CompletedTask);

        var (heard, _) = await (await application.VisitAsync()).Bytes;
        Assert.Equal(mesh ? Turns.Said(First.Client) : wire.Written, heard);
        var line = Assert.Single(await pod.Mesh.Pod.NewLinesAsync());
        Assert.Equal(("completed", mesh ? "meshTls" : "tls"), (line.Reason, EndingFacts.Text(line.Line, "protocol")));
    }

    private async Task<Socket> ConnectAsync(Application application)
    {
        var pod = await pods.GetAsync("PERMISSIVE");
        var socket = pod.Mesh.Pod.Remote.Where.Open(AddressFamily.InterNetwork);
        socket.NoDelay = true;
        await socket.ConnectAsync(PodTopology.PodV4, application.Port);
        return socket;
    }
}
