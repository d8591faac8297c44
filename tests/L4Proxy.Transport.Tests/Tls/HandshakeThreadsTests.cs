using L4Proxy.Transport.Tls;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class HandshakeThreadsTests
{
    [Fact]
    public async Task Disposing_ends_every_thread()
    {
        var threads = new HandshakeThreads(3);
        var seen = new Thread[3];
        using var all = new Barrier(3);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async i =>
        {
            await threads.EnterAsync();
            seen[i] = Thread.CurrentThread;
            // Each holds its thread until the others have one: three steps at once need three.
            Assert.True(all.SignalAndWait(Patience.Limit));
        }));

        // The last of them finished this method inline: it is a handshake thread that we are on.
        await Task.Run(threads.Dispose).WaitAsync(Patience.Limit);

        Assert.Equal(3, seen.Distinct().Count());
        Assert.All(seen, thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void Steps_wait_while_the_threads_are_busy_and_those_that_come_after_the_end_are_dropped()
    {
        using var threads = new HandshakeThreads(1);
        using var busy = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var ran = 0;
        threads.Post(() =>
        {
            busy.Set();
            go.Wait();
        });
        Assert.True(busy.Wait(Patience.Limit));
        threads.Post(() => ran++);
        threads.Post(() => ran++);
        Assert.Equal(2, threads.Waiting);
        using var done = new ManualResetEventSlim();
        threads.Post(done.Set);

        go.Set();

        Assert.True(done.Wait(Patience.Limit));
        Assert.Equal((2, 0), (ran, threads.Waiting));
        threads.Dispose();
        threads.Post(() => ran++);
        Assert.Equal((2, 1), (ran, threads.Waiting));
    }
}
