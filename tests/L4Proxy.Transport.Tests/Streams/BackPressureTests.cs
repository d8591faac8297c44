using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

public sealed class BackPressureTests
{
    [Theory]
    [InlineData(SpliceMode.Off, Flow.ToUpstream, 1, 0)]
    [InlineData(SpliceMode.Off, Flow.ToDownstream, 1, 0)]
    [InlineData(SpliceMode.Always, Flow.ToUpstream, 0, 1)]
    [InlineData(SpliceMode.Always, Flow.ToDownstream, 0, 1)]
    public void A_stalled_reader_costs_one_buffer_or_one_pipe_and_the_sender_is_held(SpliceMode mode, Flow flow, int buffers, int pipes)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode }, serverReceiveBuffer: 16_384);
        using var pair = loop.Connect(clientReceiveBuffer: 16_384);
        var (source, destination) = pair.Along(flow);

        Stall.Fill(pair, flow);

        Assert.Equal((buffers, pipes), loop.On(l => (l.Buffers.Rented, l.Pipes.Rented)));
        destination.Receive(source.Sent);
        loop.Until(l => l.Buffers.Rented + l.Pipes.Rented == 0, () => "what the stall had cost was not given back");
    }

    [Fact]
    public async Task Directions_without_a_pipe_copy_instead()
    {
        const int Bytes = 3_000_000;
        using var loop = new TestLoop(new TransportSettings { Splice = SpliceMode.Always, PipesPerLoop = 0 });
        using var pair = loop.Connect();
        var sending = Task.Factory.StartNew(() => pair.Client.Send(Bytes), TaskCreationOptions.LongRunning);
        pair.Server.Receive(Bytes);
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(0, loop.On(_ => loop.Counters.Spliced));
        Assert.True(loop.On(l => l.Pipes.Misses) > 0);
    }

    [Fact]
    public async Task A_stream_is_spliced_and_messages_after_it_are_copied_again()
    {
        const int Bytes = 20_000_000;
        using var loop = new TestLoop();
        using var pair = loop.Connect();
        pair.RoundTrip();
        Assert.Equal(0, loop.On(_ => loop.Counters.Spliced));

        var sending = Task.Factory.StartNew(() => pair.Client.Send(Bytes), TaskCreationOptions.LongRunning);
        pair.Server.Receive(Bytes);
        await sending.WaitAsync(Patience.Limit);
        Assert.True(pair.Splice.Spliced);

        for (var i = 0; i < 10; i++)
        {
            pair.RoundTrip();
        }
        var spliced = loop.On(_ => loop.Counters.Spliced);
        for (var i = 0; i < 10; i++)
        {
            pair.RoundTrip();
        }
        Assert.Equal(spliced, loop.On(_ => loop.Counters.Spliced));
    }
}
