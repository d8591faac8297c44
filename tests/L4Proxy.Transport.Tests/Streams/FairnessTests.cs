using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

public sealed class FairnessTests
{
    [Theory]
    [InlineData(SpliceMode.Off)]
    [InlineData(SpliceMode.Always)]
    [InlineData(SpliceMode.Adaptive)]
    public async Task A_bulk_stream_does_not_starve_the_round_trips_beside_it(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var bulk = loop.Connect();
        using var messages = loop.Connect();
        using var over = new CancellationTokenSource();
        var sending = Task.Factory.StartNew(() =>
        {
            while (!over.IsCancellationRequested)
            {
                bulk.Client.Send(1_000_000);
            }
            bulk.Client.Fin();
        }, TaskCreationOptions.LongRunning);
        var receiving = Task.Factory.StartNew(bulk.Server.ReceiveToEnd, TaskCreationOptions.LongRunning);
        loop.Until(_ => bulk.Splice.BytesToUpstream > 10_000_000, () => "the stream never ran");
        var before = loop.On(_ => bulk.Splice.BytesToUpstream);

        for (var i = 0; i < 100; i++)
        {
            messages.RoundTrip();
        }

        Assert.False(sending.IsCompleted);
        loop.Until(_ => bulk.Splice.BytesToUpstream > before, () => "the stream stood still meanwhile");
        await over.CancelAsync();
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Ending.Fin, await receiving.WaitAsync(Patience.Limit));
        Assert.Equal(bulk.Client.Sent, bulk.Server.Received);
    }
}
