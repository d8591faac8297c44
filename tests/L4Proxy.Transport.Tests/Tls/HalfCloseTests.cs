using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class HalfCloseTests
{
    private const int Answer = 10_000_000;

    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task Whoever_ends_first_still_gets_ten_megabytes_and_an_end_in_order(TlsPlace place, SslProtocols version, bool tlsEnds)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        var (first, second) = pair.By(tlsEnds);
        first.Send(200);
        first.Fin();
        Assert.Equal(Ending.Fin, second.ReceiveToEnd());
        Assert.Equal((200, 1), (second.Received, loop.On(_ => loop.Counters.HalfClosed)));

        var sending = Task.Factory.StartNew(() =>
        {
            second.Send(Answer);
            second.Fin();
        }, TaskCreationOptions.LongRunning);

        Assert.Equal(Ending.Fin, first.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Answer, first.Received);
        var upstreamFirst = tlsEnds == (place == TlsPlace.Originate);
        Assert.Equal(new SpliceResult(SpliceEnd.Completed, Native.Errno.None, upstreamFirst), pair.End());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_close_notify_without_a_fin_is_an_end_already(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.Tls.Send(200);
        pair.Tls.CloseNotify();
        Assert.Equal(Ending.Fin, pair.Plain.ReceiveToEnd());
        pair.Plain.Send(1000);
        pair.Tls.Receive(1000);
        pair.Plain.Fin();
        Assert.Equal(Ending.Fin, pair.Tls.ReceiveToEnd());
        Assert.Equal(SpliceEnd.Completed, pair.End().End);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_tls_peer_gets_one_alert_and_then_the_fin(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();
        pair.Plain.Fin();

        var wire = new byte[1000];
        var length = 0;
        for (var taken = -1; taken != 0; length += taken)
        {
            taken = pair.Tls.Socket.Receive(wire.AsSpan(length));
        }

        // TLS 1.3 hides the type in the record, whose length is the alert's two bytes, the type's one and the tag's sixteen.
        var alert = version == SslProtocols.Tls13 ? (23, 19) : (21, 26);
        Assert.Equal(alert, (wire[0], (wire[3] << 8) | wire[4]));
        Assert.Equal(5 + alert.Item2, length);
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_end_follows_the_last_byte_to_a_reader_that_was_stalled(TlsPlace place, SslProtocols version)
    {
        const int Bytes = 8_000_000;
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        using var pair = new TlsPair(loop, place, version, clientReceiveBuffer: 16_384);
        var sending = Task.Factory.StartNew(() =>
        {
            pair.Plain.Send(Bytes);
            pair.Plain.Fin();
        }, TaskCreationOptions.LongRunning);

        Assert.Equal(Ending.Fin, pair.Tls.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Bytes, pair.Tls.Received);
        pair.Tls.Send(10);
        pair.Plain.Receive(10);
    }
}
