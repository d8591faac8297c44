using System.Diagnostics;
using System.Reflection;
using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class IdleTests
{
    private const int Messages = 2000;

    /// <summary>
    /// Without optimisation the compiler makes the state of every async method an object, the pooled ones' as well: 64 bytes for each
    /// wait for the TLS leg.
    /// </summary>
    private static readonly int _perMessage =
        typeof(Leg).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true } ? 100 : 0;

    private long _allocated;

    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;

    [Theory]
    [MemberData(nameof(Ways))]
    public void After_traffic_neither_we_nor_SslStream_hold_a_buffer(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();
        // The turn that brought the answer is over: what it had rented was given back before anybody counts.
        loop.Do(static () => { });
        using var rented = new RentedArrays(loop);
        // Every size within three records: whatever fills SslStream's buffer to the brim is among them, or one byte beside it.
        foreach (var bytes in new[] { 1, 128, 16_000, 16_384, 32_000, 32_768, 100_000 })
        {
            pair.RoundTrip(bytes);
            loop.Do(static () => { });
            Assert.Equal((0, 0), (rented.Now, loop.On(l => l.Buffers.Rented)));
        }
        Assert.True(rented.Ever > 0, "nothing was seen: the events of the array pool are not what this test takes them for");
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_connection_that_never_spoke_after_its_handshake_holds_no_buffer(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var rented = new RentedArrays(loop);
        using var pair = new TlsPair(loop, place, version);
        loop.Do(static () => { });
        Assert.Equal((0, 0), (rented.Now, loop.On(l => l.Buffers.Rented)));
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_forwarded_message_allocates_nothing(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version, new SpliceTimeouts(Patience.Milliseconds, Patience.Milliseconds));
        foreach (var bytes in new[] { 128, 16_000 })
        {
            RoundTrips(pair, 500, bytes);
            long allocated;
            var looks = 0;
            do
            {
                // A collection that another test brings about empties pools and is charged to whoever runs; what a message costs it costs each time.
                var before = AllocatedByTheLoop(loop);
                RoundTrips(pair, Messages, bytes);
                allocated = AllocatedByTheLoop(loop) - before;
            }
            while (allocated > Messages * _perMessage && ++looks < 4);

            Assert.InRange(allocated, 0, Messages * _perMessage);
        }
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    private static void RoundTrips(TlsPair pair, int count, int bytes)
    {
        for (var i = 0; i < count; i++)
        {
            pair.RoundTrip(bytes);
        }
    }

    /// <summary>Asked in a way that allocates nothing on the loop's thread itself: no task is completed there.</summary>
    private long AllocatedByTheLoop(TestLoop loop)
    {
        Volatile.Write(ref _allocated, -1);
        loop.Loop.Post(static test => Volatile.Write(ref ((IdleTests)test!)._allocated, GC.GetAllocatedBytesForCurrentThread()), this);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _allocated) >= 0, Patience.Limit));
        return _allocated;
    }
}
