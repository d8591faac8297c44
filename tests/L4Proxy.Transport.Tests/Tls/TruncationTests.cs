using System.Net.Sockets;
using System.Security.Authentication;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

/// <summary>Ends that are not in order. None of them may look like one to the other side.</summary>
public sealed class TruncationTests
{
    private static readonly byte[] _garbage = [23, 3, 3, 0, 40, .. new byte[40]];

    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_fin_between_two_records_without_close_notify_arrives_as_a_reset(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();

        pair.Tls.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(Ending.Reset, pair.Plain.ReceiveSome());
        Assert.Equal(pair.EndOfTls(SpliceEnd.TlsTruncated), pair.End());
        Assert.Equal(Ending.Reset, pair.Tls.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_fin_within_a_record_arrives_as_a_reset_after_the_bytes_before_it(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();
        byte[] flight = [.. pair.Tls.Record(1000), .. pair.Tls.Record(1000)[..500]];

        // On the loop's thread: it finds all of it at once, so that the end is met while the bytes are still in our hands.
        loop.Do(() =>
        {
            pair.Tls.Socket.Send(flight);
            pair.Tls.Socket.Shutdown(SocketShutdown.Send);
        });

        pair.Plain.Receive(1000);
        Assert.Equal(Ending.Reset, pair.Plain.ReceiveSome());
        Assert.Equal(pair.EndOfTls(SpliceEnd.TlsTruncated), pair.End());
        Assert.Equal(Ending.Reset, pair.Tls.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_stream_that_is_cut_off_arrives_whole_up_to_the_cut_and_then_as_a_reset(TlsPlace place, SslProtocols version)
    {
        const int Bytes = 3_000_000;
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        using var pair = new TlsPair(loop, place, version, clientReceiveBuffer: 16_384);
        var sending = Task.Factory.StartNew(() =>
        {
            pair.Tls.Send(Bytes);
            pair.Tls.Socket.Shutdown(SocketShutdown.Send);
        }, TaskCreationOptions.LongRunning);

        Assert.Equal(Ending.Reset, pair.Plain.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
        Assert.Equal(Bytes, pair.Plain.Received);
        Assert.Equal(pair.EndOfTls(SpliceEnd.TlsTruncated), pair.End());
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public void A_reset_arrives_as_a_reset_after_the_bytes_before_it(TlsPlace place, SslProtocols version, bool tlsResets)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();
        var (source, destination) = pair.By(tlsResets);

        loop.Do(() =>
        {
            source.Send(1000);
            source.Reset();
        });

        destination.Receive(1000);
        Assert.Equal(Ending.Reset, destination.ReceiveSome());
        Assert.Equal((pair.Failed(tlsResets), Errno.ECONNRESET), (pair.End().End, pair.End().Error));
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_reset_in_the_middle_of_a_stream_ends_both_sides(TlsPlace place, SslProtocols version, bool receiverResets)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        foreach (var tlsSends in new[] { true, false })
        {
            using var stream = new TlsPair(loop, place, version);
            var (source, destination) = stream.By(tlsSends);
            var sending = stream.SendWithoutEnd(tlsSends);
            destination.Receive(3_000_000);

            (receiverResets ? destination : source).Reset();

            if (!receiverResets)
            {
                Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
            }
            await sending.WaitAsync(Patience.Limit);
            Assert.Equal(stream.Failed(tls: tlsSends != receiverResets), stream.End().End);
        }
        pair.RoundTrip();
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_damaged_record_is_a_failure_of_tls_after_the_bytes_before_it(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip(1000);

        pair.Tls.Socket.Send(_garbage);

        Assert.Equal(Ending.Reset, pair.Plain.ReceiveSome());
        Assert.Equal(pair.EndOfTls(SpliceEnd.TlsFailed), pair.End());
        Assert.NotNull(pair.Session.Failure);
        Assert.Equal(Ending.Reset, pair.Tls.ReceiveSome());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bytes_after_the_plain_side_was_reset_end_nothing_twice(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();

        loop.Do(() =>
        {
            pair.Tls.Send(1000);
            pair.Plain.Reset();
        });

        Assert.Equal(Ending.Reset, pair.Tls.ReceiveToEnd());
        Assert.Equal((pair.Failed(tls: false), Errno.ECONNRESET), (pair.End().End, pair.End().Error));
    }
}
