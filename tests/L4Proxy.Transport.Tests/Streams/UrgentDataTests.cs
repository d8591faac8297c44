using System.Net.Sockets;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

/// <summary>An urgent byte is outside the stream: it is not forwarded, and it must not stop what is inside.</summary>
public sealed class UrgentDataTests
{
    public static TheoryData<SpliceMode> Modes => Ways.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_urgent_byte_does_not_stall_the_bytes_around_it(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        for (var i = 0; i < 20; i++)
        {
            pair.Client.Send(100);
            pair.Client.Socket.Send([0xFF], SocketFlags.OutOfBand);
            pair.Client.Send(70_000);
            pair.Server.Receive(70_100);
        }
        pair.Client.Socket.Send([0xFF], SocketFlags.OutOfBand);
        pair.Client.Fin();
        Assert.Equal(Ending.Fin, pair.Server.ReceiveToEnd());
        Assert.Equal(pair.Client.Sent, pair.Server.Received);
    }
}
