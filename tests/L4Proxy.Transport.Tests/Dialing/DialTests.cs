using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Dialing;

public sealed class DialTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Both_families_are_dialled(string address)
    {
        using var dial = new PendingDial();
        using var server = Listening(address);
        var result = dial.Run((IPEndPoint)server.LocalEndPoint!, new DialOptions());
        Assert.Equal(Errno.None, result.Error);
        using var accepted = server.Accept();
        Assert.Equal(accepted.RemoteEndPoint, result.Leg!.LocalEndPoint);
    }

    [Fact]
    public void A_refused_dial_says_so()
    {
        using var dial = new PendingDial();
        IPEndPoint nobody;
        using (var server = Listening("127.0.0.1"))
        {
            nobody = (IPEndPoint)server.LocalEndPoint!;
        }
        Assert.Equal(new DialResult(null, Errno.ECONNREFUSED), dial.Run(nobody, new DialOptions()));
    }

    [Fact]
    public void A_dial_without_an_answer_ends_at_its_deadline()
    {
        using var dial = new PendingDial();
        using var silent = new SilentServer();
        var started = dial.Loop.On(loop => loop.Now);
        Assert.Equal(new DialResult(null, Errno.ETIMEDOUT), dial.Run(silent.Address, new DialOptions { TimeoutMilliseconds = 200 }));
        Assert.True(dial.Loop.On(loop => loop.Now) - started >= 200);
    }

    [Fact]
    public void The_source_address_is_the_one_asked_for()
    {
        using var dial = new PendingDial();
        using var server = Listening("127.0.0.1");
        var result = dial.Run((IPEndPoint)server.LocalEndPoint!, new DialOptions { Source = IPAddress.Parse("127.0.0.9") });
        using var accepted = server.Accept();
        Assert.Equal(IPAddress.Parse("127.0.0.9"), ((IPEndPoint)accepted.RemoteEndPoint!).Address);
        Assert.Equal(Errno.None, result.Error);
    }

    [Fact]
    public void A_source_address_that_is_not_ours_is_an_error()
    {
        using var dial = new PendingDial();
        using var server = Listening("127.0.0.1");
        var result = dial.Run((IPEndPoint)server.LocalEndPoint!, new DialOptions { Source = IPAddress.Parse("192.0.2.1") });
        Assert.Equal(new DialResult(null, Errno.EADDRNOTAVAIL), result);
    }

    [Theory]
    [InlineData("127.0.0.1", Constants.IPPROTO_IP, Constants.IP_TOS)]
    [InlineData("::1", Constants.IPPROTO_IPV6, Constants.IPV6_TCLASS)]
    public void The_code_point_is_set_on_the_leg(string address, int level, int option)
    {
        using var dial = new PendingDial();
        using var server = Listening(address);
        var result = dial.Run((IPEndPoint)server.LocalEndPoint!, new DialOptions { Dscp = 46 });
        Assert.Equal(0, Sockets.GetOption(result.Leg!.Descriptor, level, option, out var octet));
        Assert.Equal(46 << 2, octet);
    }

    [Fact]
    public void The_code_point_is_on_the_packets()
    {
        // IP_RECVTOS and IP_PKTOPTIONS of ip(7): the octet of the SYN, as a control message of 16 bytes of header and an int.
        const int ReceiveTos = 13;
        const int PacketOptions = 9;
        using var dial = new PendingDial();
        using var server = Listening("127.0.0.1");
        server.SetRawSocketOption(Constants.IPPROTO_IP, ReceiveTos, BitConverter.GetBytes(1));
        dial.Run((IPEndPoint)server.LocalEndPoint!, new DialOptions { Dscp = 46 });
        using var accepted = server.Accept();
        var message = new byte[64];
        Assert.Equal(24, accepted.GetRawSocketOption(Constants.IPPROTO_IP, PacketOptions, message));
        Assert.Equal(46 << 2, message[16]);
    }

    [Fact]
    public void A_cancelled_dial_is_given_up()
    {
        using var dial = new PendingDial();
        using var silent = new SilentServer();
        using var cancellation = new CancellationTokenSource();
        var result = dial.Start(silent.Address, new DialOptions(), cancellation.Token);
        Assert.False(result.IsCompleted);
        cancellation.Cancel();
        Assert.Equal(new DialResult(null, Errno.ECANCELED), PendingDial.Await(result));
    }

    [Fact]
    public void A_token_cancelled_before_gives_up_too()
    {
        using var dial = new PendingDial();
        using var silent = new SilentServer();
        var result = dial.Start(silent.Address, new DialOptions(), new CancellationToken(canceled: true));
        Assert.Equal(new DialResult(null, Errno.ECANCELED), PendingDial.Await(result));
    }

    // A cancel that is still on its way when the dial ends must neither move the caller off its loop nor hurt the leg.
    [Fact]
    public void A_cancel_from_another_thread_leaves_the_caller_on_its_loop()
    {
        using var silent = new SilentServer();
        using var dial = new PendingDial();
        for (var i = 0; i < 200; i++)
        {
            using var cancellation = new CancellationTokenSource();
            using var slow = new ManualResetEventSlim();
            // Runs after the dialer's own callback on the cancelling thread, which is thus still in Cancel when the dial ends.
            using var registration = cancellation.Token.Register(() => slow.Wait(Patience.Limit));
            var result = dial.Start(silent.Address, new DialOptions(), cancellation.Token);
            var cancelling = Task.Run(cancellation.Cancel);
            Assert.Equal(Errno.ECANCELED, PendingDial.Await(result).Error);
            slow.Set();
            Assert.True(dial.EndedOnItsLoop);
            PendingDial.Await(cancelling.ContinueWith(_ => true, TaskScheduler.Default));
        }
    }

    [Fact]
    public void A_downstream_that_resets_during_the_dial_ends_it()
    {
        using var dial = new PendingDial();
        using var silent = new SilentServer();
        var result = dial.Start(silent.Address, new DialOptions(), default);
        dial.Client.Reset();
        Assert.Equal(new DialResult(null, Errno.ECANCELED), PendingDial.Await(result));
    }

    private static Socket Listening(string address)
    {
        var server = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        server.Listen();
        return server;
    }
}
