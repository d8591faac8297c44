using System.Buffers;
using System.Text;

namespace L4Proxy.Transport.Tests.Pipelines;

public sealed class PipeUseTests
{
    [Fact]
    public async Task A_hundred_megabytes_toward_a_slow_peer_hold_at_most_one_buffer_each()
    {
        await using var pair = new PipedPair(receiveBuffer: 16 * 1024);
        const long Total = 100_000_000;
        var most = 0;
        var echoing = pair.OnLoop(async () =>
        {
            while (true)
            {
                var result = await pair.Input.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    pair.Output.Write(segment.Span);
                }
                most = Math.Max(most, pair.Loop.Buffers.Rented);
                var flush = pair.Output.FlushAsync();
                most = Math.Max(most, pair.Loop.Buffers.Rented);
                await flush;
                pair.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    await pair.Output.CompleteAsync();
                    return;
                }
            }
        });
        var sending = Task.Run(() =>
        {
            var chunk = new byte[100_000];
            for (long sent = 0; sent < Total; sent += chunk.Length)
            {
                chunk.AsSpan().Fill((byte)(sent / chunk.Length));
                pair.Peer.Send(chunk);
            }
            pair.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        });
        var received = await Task.Run(() =>
        {
            long count = 0;
            var buffer = new byte[8 * 1024];
            while (pair.Peer.Receive(buffer) is > 0 and var got)
            {
                for (var i = 0; i < got; i++, count++)
                {
                    if (buffer[i] != (byte)(count / 100_000))
                    {
                        return -count;
                    }
                }
            }
            return count;
        });
        await sending;
        await echoing;
        Assert.Equal(Total, received);
        Assert.InRange(most, 1, 2);
        Assert.Equal(0, await pair.Rented());
    }

    [Fact]
    public async Task A_pool_thread_may_use_the_pipe()
    {
        await using var pair = new PipedPair();
        for (var i = 0; i < 2000; i++)
        {
            pair.PeerSends("ping");
            // Each turn begins on a pool thread again, wherever the last one ended.
            await Task.Run(async () =>
            {
                var result = await pair.Input.ReadAtLeastAsync(4);
                var text = PipedPair.Text(result.Buffer);
                await Task.Run(() =>
                {
                    Assert.False(pair.Loop.IsCurrent);
                    pair.Input.AdvanceTo(result.Buffer.End);
                    pair.Output.Write(Encoding.ASCII.GetBytes(text));
                });
                await Task.Run(async () => await pair.Output.FlushAsync());
            });
            Assert.Equal("ping", pair.PeerReceives(4));
        }
        await Task.Run(() => pair.Output.Complete());
        Assert.Equal("", pair.PeerReceives(1));
        Assert.Equal(0, await pair.Rented());
    }

    [Fact]
    public async Task Cancelling_from_another_thread_while_bytes_arrive_loses_none()
    {
        await using var pair = new PipedPair();
        const int Total = 20_000;
        using var stop = new CancellationTokenSource();
        var reading = pair.OnLoop(async () =>
        {
            long count = 0;
            while (true)
            {
                var result = await pair.Input.ReadAsync();
                count += result.Buffer.Length;
                pair.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return count;
                }
            }
        });
        var cancelling = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Input.CancelPendingRead();
                Thread.Yield();
            }
        });
        for (var i = 0; i < Total; i++)
        {
            pair.PeerSends("x");
        }
        pair.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal(Total, await reading);
        await stop.CancelAsync();
        await cancelling;
    }

    [Fact]
    public async Task A_message_in_steady_state_allocates_nothing()
    {
        await using var pair = new PipedPair();
        const int Warm = 2_000;
        const int Measured = 10_000;
        using var source = new CancellationTokenSource();
        var echoing = pair.OnLoop(async () =>
        {
            var before = 0L;
            for (var i = 0; i < Warm + Measured; i++)
            {
                if (i == Warm)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }
                var result = await pair.Input.ReadAsync(source.Token);
                foreach (var segment in result.Buffer)
                {
                    pair.Output.Write(segment.Span);
                }
                pair.Input.AdvanceTo(result.Buffer.End);
                await pair.Output.FlushAsync(source.Token);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        await Task.Run(() =>
        {
            var message = new byte[128];
            for (var i = 0; i < Warm + Measured; i++)
            {
                pair.Peer.Send(message);
                for (var got = 0; got < message.Length; got += pair.Peer.Receive(message.AsSpan(got)))
                {
                }
            }
        });
        Assert.Equal(0, await echoing);
    }

    [Fact]
    public async Task A_reader_that_never_has_to_wait_still_lets_others_on_its_loop_run()
    {
        await using var pair = new PipedPair(settings: new TransportSettings { BufferSize = 1024, TurnBudget = 4096 });
        const int Arrived = 16 * 1024;
        pair.Peer.Send(new byte[Arrived]);
        await pair.UntilArrived(Arrived);
        await pair.OnLoop(async () =>
        {
            var otherRan = false;
            pair.Loop.Post(_ => otherRan = true, null);
            for (long read = 0; read < Arrived;)
            {
                var result = await pair.Input.ReadAsync();
                read += result.Buffer.Length;
                pair.Input.AdvanceTo(result.Buffer.End);
            }
            Assert.True(otherRan);
        });
    }
}
