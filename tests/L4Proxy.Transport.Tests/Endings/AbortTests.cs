using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class AbortTests
{
    public static TheoryData<SpliceMode, Flow> Ways => Harness.Ways.ModesAndFlows;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_aborted_leg_ends_the_splice_though_its_peer_never_stops_sending(SpliceMode mode, Flow flow)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect();
        var (source, destination) = pair.Along(flow);
        var sending = Task.Factory.StartNew(() =>
        {
            while (source.TrySend(65_536))
            {
            }
        }, TaskCreationOptions.LongRunning);
        var receiving = Task.Factory.StartNew(destination.ReceiveToEnd, TaskCreationOptions.LongRunning);
        loop.Until(_ => Harness.Ways.Moved(pair, flow) > 1_000_000, () => "the stream never ran");

        loop.Do(() => Harness.Ways.SourceLeg(pair, flow).Abort(Errno.ECANCELED));

        Assert.Equal((Harness.Ways.SourceFailed(flow), Errno.ECANCELED), (pair.End().End, pair.End().Error));
        Assert.Equal(Ending.Reset, await receiving.WaitAsync(Patience.Limit));
        await sending.WaitAsync(Patience.Limit);
    }
}
