using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class FairnessTests
{
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_bulk_stream_does_not_starve_the_round_trips_beside_it(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop();
        using var bulk = new TlsPair(loop, place, version);
        using var messages = new TlsPair(loop, place, version);
        var sending = bulk.SendWithoutEnd(tlsSends);
        var receiving = Task.Factory.StartNew(bulk.By(tlsSends).Other.ReceiveToEnd, TaskCreationOptions.LongRunning);
        loop.Until(_ => bulk.MovedFrom(tlsSends) > 10_000_000, () => "the stream never ran");
        var before = loop.On(_ => bulk.MovedFrom(tlsSends));

        for (var i = 0; i < 100; i++)
        {
            messages.RoundTrip();
        }

        Assert.False(sending.IsCompleted);
        loop.Until(_ => bulk.MovedFrom(tlsSends) > before, () => "the stream stood still meanwhile");
        loop.Do(() => bulk.Splice.Abort(reset: true));
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Ending.Reset, await receiving.WaitAsync(Patience.Limit));
        loop.Do(() => messages.Splice.Abort(reset: true));
    }
}
