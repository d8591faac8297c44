using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class TimeoutTests
{
    private const int Timeout = 1000;

    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_idle_connection_is_reset_on_both_sides_after_the_idle_timeout(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version, new SpliceTimeouts(Timeout, 0));
        pair.RoundTrip();

        Assert.Equal(SpliceEnd.IdleTimeout, pair.End().End);
        Assert.Equal(Ending.Reset, pair.Tls.ReceiveSome());
        Assert.Equal(Ending.Reset, pair.Plain.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public void A_half_closed_connection_is_reset_after_the_half_close_timeout(TlsPlace place, SslProtocols version, bool tlsEnds)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version, new SpliceTimeouts(0, Timeout));
        pair.RoundTrip();
        var (first, second) = pair.By(tlsEnds);
        first.Fin();
        Assert.Equal(Ending.Fin, second.ReceiveSome());

        Assert.Equal(SpliceEnd.HalfCloseTimeout, pair.End().End);
        Assert.Equal(Ending.Reset, first.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_reader_that_stays_stalled_is_reset_after_the_half_close_timeout(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        using var pair = new TlsPair(loop, place, version, new SpliceTimeouts(0, Timeout), clientReceiveBuffer: 16_384);
        var sending = pair.Stall(tlsSends);
        var (source, destination) = pair.By(tlsSends);

        source.Reset();

        Assert.Equal(pair.Failed(tlsSends), pair.End().End);
        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
    }
}
