using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

public sealed class AllocationTests
{
    private long _allocated;

    [Theory]
    [InlineData(SpliceMode.Off, 128)]
    [InlineData(SpliceMode.Off, 16_384)]
    [InlineData(SpliceMode.Always, 128)]
    [InlineData(SpliceMode.Adaptive, 128)]
    public void A_forwarded_message_allocates_nothing(SpliceMode mode, int bytes)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        using var pair = loop.Connect(new SpliceTimeouts(Patience.Milliseconds, Patience.Milliseconds));
        RoundTrips(pair, 1000, bytes);
        var before = AllocatedByTheLoop(loop);

        RoundTrips(pair, 10_000, bytes);

        Assert.Equal(0, AllocatedByTheLoop(loop) - before);
        loop.Do(() => pair.Splice.Abort(reset: true));
    }

    private static void RoundTrips(SplicedPair pair, int count, int bytes)
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
        loop.Loop.Post(static test => Volatile.Write(ref ((AllocationTests)test!)._allocated, GC.GetAllocatedBytesForCurrentThread()), this);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _allocated) >= 0, Patience.Limit));
        return _allocated;
    }
}
