using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class HalfCloseTests
{
    public static TheoryData<SpliceMode> Modes => Ways.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_client_that_half_closed_first_gets_its_hundred_megabytes(SpliceMode mode)
    {
        const long Response = 100_000_000;
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        pair.Client.Send(200);
        pair.Client.Fin();
        Assert.Equal(Ending.Fin, pair.Server.ReceiveToEnd());
        Assert.Equal(1, loop.On(_ => loop.Counters.HalfClosed));

        var sending = Task.Factory.StartNew(() =>
        {
            pair.Server.Send(Response);
            pair.Server.Fin();
        }, TaskCreationOptions.LongRunning);

        Assert.Equal(Ending.Fin, pair.Client.ReceiveToEnd());
        await sending;
        // Every chunk was compared with the pattern at its place, which is stronger than a hash of the whole.
        Assert.Equal(Response, pair.Client.Received);
        Assert.Equal(new SpliceResult(SpliceEnd.Completed, Native.Errno.None, UpstreamEndedFirst: false), pair.End());
        Assert.Equal((200, Response), loop.On(_ => (loop.Counters.ToUpstream, loop.Counters.ToDownstream)));
        Assert.Equal(mode == SpliceMode.Off, loop.On(_ => loop.Counters.Spliced) == 0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_fin_follows_the_last_byte_to_a_reader_that_was_stalled(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode }, serverReceiveBuffer: 16_384);
        using var pair = loop.Connect();
        Streams.Stall.Fill(pair, Flow.ToUpstream);
        pair.Client.Fin();

        Assert.Equal(Ending.Fin, pair.Server.ReceiveToEnd());
        Assert.Equal(pair.Client.Sent, pair.Server.Received);
        pair.Server.Send(10);
        pair.Client.Receive(10);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Data_and_fin_in_one_segment_are_both_seen(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        // TCP_CORK holds the data back until the FIN goes with it.
        pair.Client.Socket.SetRawSocketOption(6, 3, BitConverter.GetBytes(1));
        pair.Client.Send(100);
        pair.Client.Fin();

        Assert.Equal(Ending.Fin, pair.Server.ReceiveToEnd());
        Assert.Equal(100, pair.Server.Received);
    }

    [Fact]
    public void The_side_that_ends_first_is_told_apart()
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect();
        pair.Server.Fin();
        Assert.Equal(Ending.Fin, pair.Client.ReceiveToEnd());
        pair.Client.Fin();
        Assert.Equal(new SpliceResult(SpliceEnd.Completed, Native.Errno.None, UpstreamEndedFirst: true), pair.End());
    }
}
