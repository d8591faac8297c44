using System.Net.Sockets;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

/// <summary>An urgent byte is outside the stream: it is not forwarded, and it must not stop what is inside.</summary>
public sealed class UrgentDataTests
{
    public static TheoryData<SpliceMode> Modes => Ways.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_urgent_byte_does_not_stall_the_bytes_around_it(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var sending = Task.Factory.StartNew(() =>
        {
            // One only: when a second one comes before the first was passed, TCP leaves the first in the stream.
            pair.Client.Send(2_000_000);
            pair.Client.Socket.Send([0xFF], SocketFlags.OutOfBand);
            pair.Client.Send(2_000_000);
            pair.Client.Fin();
        }, TaskCreationOptions.LongRunning);
        Assert.Equal(Ending.Fin, pair.Server.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(pair.Client.Sent, pair.Server.Received);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_lone_urgent_byte_between_messages_is_skipped(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        for (var i = 0; i < 20; i++)
        {
            pair.Client.Socket.Send([0xFF], SocketFlags.OutOfBand);
            pair.RoundTrip();
        }
    }
}
