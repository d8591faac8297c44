using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class ResetTests
{
    public static TheoryData<SpliceMode, Flow> Ways => Harness.Ways.ModesAndFlows;

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_reset_of_an_idle_connection_arrives_as_a_reset(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var (source, destination) = pair.Along(flow);
        pair.RoundTrip();

        source.Reset();

        Assert.Equal(Ending.Reset, destination.ReceiveSome());
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
        Assert.Equal(Native.Errno.ECONNRESET, pair.End().Error);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_reset_in_the_middle_of_a_transfer_follows_a_prefix_of_it(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var (source, destination) = pair.Along(flow);
        var sending = Task.Factory.StartNew(() => SendWhilePossible(source), TaskCreationOptions.LongRunning);
        destination.Receive(5_000_000);

        source.Reset();

        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_reset_waits_for_a_stalled_reader_and_reaches_it_after_the_bytes(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode }, serverReceiveBuffer: 16_384);
        using var pair = loop.Connect(clientReceiveBuffer: 16_384);
        var (source, destination) = pair.Along(flow);
        Streams.Stall.Fill(pair, flow);
        var taken = loop.On(_ => Harness.Ways.Moved(pair, flow));

        source.Reset();
        loop.Until(_ => Harness.Ways.SourceLeg(pair, flow).HasFailed, () => "the proxy never saw the reset");

        Assert.False(pair.HasEnded);
        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        Assert.True(destination.Received >= taken, $"{destination.Received} of at least {taken} bytes arrived");
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_reader_that_stays_stalled_is_reset_after_the_half_close_timeout(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode }, serverReceiveBuffer: 16_384);
        using var pair = loop.Connect(new SpliceTimeouts(0, 300), clientReceiveBuffer: 16_384);
        var (source, destination) = pair.Along(flow);
        Streams.Stall.Fill(pair, flow);

        source.Reset();

        // Who failed first stays the reason, whatever gave up on the rest.
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_reset_after_the_other_sides_fin_is_still_a_reset(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var (source, destination) = pair.Along(flow);
        destination.Fin();
        Assert.Equal(Ending.Fin, source.ReceiveToEnd());

        source.Reset();

        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_reset_after_its_own_fin_reaches_a_writer(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var (source, destination) = pair.Along(flow);
        source.Send(1000);
        source.Fin();
        Assert.Equal(Ending.Fin, destination.ReceiveToEnd());
        Assert.Equal(source.Sent, destination.Received);

        source.Reset();

        destination.SendUntilReset();
        Assert.Equal(Harness.Ways.SourceFailed(flow), pair.End().End);
    }

    // P033: the fix of reset propagation elsewhere dropped bytes that the proxy had read already.
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_byte_read_before_a_reset_is_delivered_to_a_slow_reader_first(SpliceMode mode, Flow flow)
    {
        const int Megabyte = 1024 * 1024;
        using var loop = new TestLoop(new TransportSettings { Splice = mode }, serverReceiveBuffer: 16_384);
        using var pair = loop.Connect(new SpliceTimeouts(0, Patience.Milliseconds), clientReceiveBuffer: 16_384);
        var (source, destination) = pair.Along(flow);
        var sending = Task.Factory.StartNew(() => source.Send(Megabyte), TaskCreationOptions.LongRunning);
        while (loop.On(_ => Harness.Ways.Moved(pair, flow)) < Megabyte)
        {
            if (destination.Socket.Available > 0)
            {
                Assert.Equal(Ending.None, destination.ReceiveSome(4096));
            }
        }
        await sending.WaitAsync(Patience.Limit);
        Assert.True(destination.Received < Megabyte, "the reader was not slow");

        source.Reset();
        loop.Until(_ => Harness.Ways.SourceLeg(pair, flow).HasFailed, () => "the proxy never saw the reset");

        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        Assert.Equal(Megabyte, destination.Received);
    }

    private static void SendWhilePossible(ScriptedPeer source)
    {
        try
        {
            while (source.TrySend(65_536))
            {
            }
        }
        catch (ObjectDisposedException)
        {
            // The test reset the socket under us: that is its point.
        }
    }
}
