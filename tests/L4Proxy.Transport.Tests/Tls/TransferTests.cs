using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

/// <summary>Every chunk is compared with the pattern at its place, which is stronger than a hash of the whole.</summary>
public sealed class TransferTests
{
    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;
    public static TheoryData<TlsPlace, SslProtocols, bool> WaysAndSides => TlsWays.PlacesVersionsAndSides;

    public static TheoryData<TlsPlace, SslProtocols, int> WaysAndSizes
    {
        get
        {
            var data = new TheoryData<TlsPlace, SslProtocols, int>();
            foreach (var (place, version) in TlsWays.All)
            {
                // Around a record, around what SslStream takes at once, around the scratch buffer, and much more than any of them.
                foreach (var size in new[] { 1, 16_383, 16_384, 16_385, 32_768, 32_769, 65_536, 65_537, 1_000_003, 50_000_000 })
                {
                    data.Add(place, version, size);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndSizes))]
    public async Task Bytes_in_chunks_of_any_size_arrive_unchanged_both_ways_at_once(TlsPlace place, SslProtocols version, int size)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        await ExchangeAsync(pair, size, readAtMost: Pattern.MaxChunk);
        Assert.Equal(SpliceEnd.Completed, pair.End().End);
        Assert.Equal((size, size), (pair.Splice.BytesToUpstream, pair.Splice.BytesToDownstream));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Bytes_arrive_unchanged_where_both_readers_are_slow(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        using var pair = new TlsPair(loop, place, version, clientReceiveBuffer: 16_384);
        await ExchangeAsync(pair, 2_000_000, readAtMost: 3000);
        Assert.Equal(SpliceEnd.Completed, pair.End().End);
    }

    [Fact]
    public async Task Connections_that_wait_for_their_readers_do_not_disturb_one_another_on_one_loop()
    {
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        var pairs = TlsWays.All.Concat(TlsWays.All).Select(way =>
            new TlsPair(loop, way.Place, way.Version, clientReceiveBuffer: 16_384)).ToList();

        // Different paces, so that some wait for room while others fill the buffer that all of them share.
        await Task.WhenAll(pairs.Select((pair, i) => ExchangeAsync(pair, 2_000_000 + (10_007 * i), readAtMost: 1500 << (i % 4))));

        foreach (var pair in pairs)
        {
            Assert.Equal(SpliceEnd.Completed, pair.End().End);
            pair.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndSides))]
    public async Task A_stalled_reader_costs_at_most_one_buffer_and_gets_everything_once_it_reads(TlsPlace place, SslProtocols version, bool tlsSends)
    {
        using var loop = new TestLoop(serverReceiveBuffer: 16_384);
        using var pair = new TlsPair(loop, place, version, clientReceiveBuffer: 16_384);
        var (source, destination) = pair.By(tlsSends);
        var sending = pair.Stall(tlsSends);
        Assert.InRange(loop.On(l => l.Buffers.Rented), 0, 1);

        destination.Receive(source.Sent + 1_000_000);

        loop.Do(() => pair.Splice.Abort(reset: true));
        Assert.Equal(Ending.Reset, destination.ReceiveToEnd());
        await sending.WaitAsync(Patience.Limit);
    }

    private static Task ExchangeAsync(TlsPair pair, int size, int readAtMost) => Task.WhenAll(
        Start(() => SendInChunks(pair.Tls, size)),
        Start(() => SendInChunks(pair.Plain, size)),
        Start(() => ReceiveAll(pair.Tls, size, readAtMost)),
        Start(() => ReceiveAll(pair.Plain, size, readAtMost)));

    private static Task Start(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void SendInChunks(IPeer peer, int size)
    {
        for (var i = 0; peer.Sent < size; i++)
        {
            // Sizes from the pattern itself: a quarter of them tiny, the others up to 96 KiB, the same in every run.
            var random = Pattern.At(i * 3L, 3).Span;
            var chunk = 1 + (random[0] < 64 ? random[1] : ((random[1] << 8) | random[2]) * 3 / 2);
            peer.Send(Math.Min(chunk, size - peer.Sent));
        }
        peer.Fin();
    }

    private static void ReceiveAll(IPeer peer, int size, int atMost)
    {
        Ending ending;
        do
        {
            ending = peer.ReceiveSome(atMost);
        }
        while (ending == Ending.None);
        Assert.Equal((Ending.Fin, size), (ending, (int)peer.Received));
    }
}
