using System.Security.Authentication;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class AbortTests
{
    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_idle_connection_that_is_aborted_in_order_ends_with_close_notify(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();

        loop.Do(() => pair.Splice.Abort(reset: false));

        Assert.Equal(SpliceEnd.Aborted, pair.End().End);
        Assert.Equal(Ending.Fin, pair.Tls.ReceiveSome());
        Assert.Equal(Ending.Fin, pair.Plain.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_idle_connection_that_is_aborted_with_a_reset_is_reset_on_both_sides(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();

        loop.Do(() => pair.Splice.Abort(reset: true));

        Assert.Equal(SpliceEnd.Aborted, pair.End().End);
        Assert.Equal(Ending.Reset, pair.Tls.ReceiveSome());
        Assert.Equal(Ending.Reset, pair.Plain.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public void A_half_closed_connection_ends_when_it_is_aborted(TlsPlace place, SslProtocols version, bool tlsEnds)
    {
        using var loop = new TestLoop();
        foreach (var reset in new[] { false, true })
        {
            using var pair = new TlsPair(loop, place, version);
            pair.RoundTrip();
            var (first, second) = pair.By(tlsEnds);
            first.Fin();
            Assert.Equal(Ending.Fin, second.ReceiveSome());

            loop.Do(() => pair.Splice.Abort(reset));

            Assert.Equal(SpliceEnd.Aborted, pair.End().End);
            Assert.Equal(reset ? Ending.Reset : Ending.Fin, first.ReceiveSome());
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_stalled_connection_gives_everything_back_when_it_is_aborted(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        foreach (var reset in new[] { false, true })
        {
            using var pair = new TlsPair(loop, place, version, clientReceiveBuffer: 16_384);
            var sending = pair.Stall(tlsSends);

            loop.Do(() => pair.Splice.Abort(reset));

            Assert.Equal(SpliceEnd.Aborted, pair.End().End);
            loop.UntilNothingIsLeft();
            await sending.WaitAsync(Patience.Limit);
            // Cut off in the middle of a record there is no honest goodbye: the peer is to see that something is missing.
            var ending = pair.By(tlsSends).Other.ReceiveToEnd();
            Assert.Equal(reset ? Ending.Reset : tlsSends ? Ending.Fin : Ending.Truncated, ending);
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_stream_in_full_flow_ends_when_it_is_aborted(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop();
        foreach (var reset in new[] { false, true })
        {
            using var pair = new TlsPair(loop, place, version);
            var sending = pair.SendWithoutEnd(tlsSends);
            var receiving = Task.Factory.StartNew(pair.By(tlsSends).Other.ReceiveToEnd, TaskCreationOptions.LongRunning);
            loop.Until(_ => pair.MovedFrom(tlsSends) > 1_000_000, () => "the stream never ran");

            loop.Do(() => pair.Splice.Abort(reset));

            Assert.Equal(SpliceEnd.Aborted, pair.End().End);
            await sending.WaitAsync(Patience.Limit);
            Assert.NotEqual(Ending.None, await receiving.WaitAsync(Patience.Limit));
            loop.UntilNothingIsLeft();
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task An_aborted_leg_ends_the_splice_though_its_peer_never_stops_sending(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        var sending = pair.SendWithoutEnd(tlsSends);
        var receiving = Task.Factory.StartNew(pair.By(tlsSends).Other.ReceiveToEnd, TaskCreationOptions.LongRunning);
        loop.Until(_ => pair.MovedFrom(tlsSends) > 1_000_000, () => "the stream never ran");

        loop.Do(() => (tlsSends ? pair.TlsLeg : pair.PlainLeg).Abort(Errno.ECANCELED));

        Assert.Equal((pair.Failed(tlsSends), Errno.ECANCELED), (pair.End().End, pair.End().Error));
        Assert.Equal(Ending.Reset, await receiving.WaitAsync(Patience.Limit));
        await sending.WaitAsync(Patience.Limit);
    }
}
