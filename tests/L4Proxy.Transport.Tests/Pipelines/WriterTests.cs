using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Tests.Pipelines;

public sealed class WriterTests
{
    [Fact]
    public async Task A_flush_is_a_send_and_leaves_no_buffer_behind()
    {
        await using var pair = new PipedPair();
        await pair.OnLoop(async () =>
        {
            pair.Output.Write("abc"u8);
            pair.Output.Write("def"u8);
            Assert.Equal(6, pair.Output.UnflushedBytes);
            Assert.Equal(1, pair.Loop.Buffers.Rented);
            await pair.Output.FlushAsync();
            Assert.Equal(0, pair.Output.UnflushedBytes);
            Assert.Equal(0, pair.Loop.Buffers.Rented);
        });
        Assert.Equal("abcdef", pair.PeerReceives(6));
    }

    [Fact]
    public async Task A_flush_waits_for_a_peer_that_does_not_read()
    {
        await using var pair = new PipedPair(receiveBuffer: 4096);
        var sent = new byte[32 * 1024 * 1024];
        new Random(2).NextBytes(sent);
        var writing = pair.OnLoop(() => pair.Output.WriteAsync(sent));
        Assert.Equal(0, await pair.Rented());
        Assert.False(writing.IsCompleted);
        var received = new byte[sent.Length];
        var count = 0;
        while (count < received.Length)
        {
            count += pair.Peer.Receive(received.AsSpan(count));
        }
        await writing;
        Assert.True(received.AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task A_cancelled_flush_keeps_its_bytes_for_the_next()
    {
        await using var pair = new PipedPair(receiveBuffer: 4096);
        var sent = new byte[32 * 1024 * 1024];
        new Random(3).NextBytes(sent);
        var writing = pair.OnLoop(() => pair.Output.WriteAsync(sent));
        pair.Output.CancelPendingFlush();
        Assert.True((await writing).IsCanceled);
        Assert.True(pair.Output.UnflushedBytes > 0);
        var flushing = pair.OnLoop(() => pair.Output.FlushAsync());
        var received = new byte[sent.Length];
        var count = 0;
        while (count < received.Length)
        {
            count += pair.Peer.Receive(received.AsSpan(count));
        }
        Assert.False((await flushing).IsCanceled);
        Assert.True(received.AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task Completing_sends_what_is_left_and_FIN_while_late_bytes_are_still_read()
    {
        await using var pair = new PipedPair();
        await pair.OnLoop(() =>
        {
            pair.Output.Write("bye"u8);
            pair.Output.Complete();
        });
        Assert.Equal("bye", pair.PeerReceives(100));
        pair.PeerSends("late");
        var result = await pair.OnLoop(() => pair.Input.ReadAtLeastAsync(4));
        Assert.Equal("late", PipedPair.Text(result.Buffer));
        Assert.False(result.IsCompleted);
    }

    [Fact]
    public async Task FIN_waits_for_bytes_that_a_slow_peer_has_not_taken_and_so_does_disposal()
    {
        await using var pair = new PipedPair(receiveBuffer: 4096);
        const int Length = 32 * 1024 * 1024;
        await pair.OnLoop(() =>
        {
            pair.Output.GetMemory(Length);
            pair.Output.Advance(Length);
            pair.Output.Complete();
        });
        var disposing = pair.OnLoop(pair.Pipe.DisposeAsync);
        await pair.Rented();
        Assert.False(disposing.IsCompleted);
        var buffer = new byte[64 * 1024];
        var count = 0;
        while (pair.Peer.Receive(buffer) is > 0 and var received)
        {
            count += received;
        }
        Assert.Equal(Length, count);
        await disposing;
    }

    [Fact]
    public async Task Completing_with_an_exception_resets_the_connection()
    {
        await using var pair = new PipedPair();
        await pair.OnLoop(() => pair.Output.Complete(new InvalidDataException("not ours")));
        var thrown = Assert.Throws<SocketException>(() => pair.Peer.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, thrown.SocketErrorCode);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => pair.OnLoop(() => pair.Input.ReadAsync()));
    }

    [Fact]
    public async Task A_reset_fails_a_flush_that_is_pending()
    {
        await using var pair = new PipedPair(receiveBuffer: 4096);
        var writing = pair.OnLoop(() => pair.Output.WriteAsync(new byte[32 * 1024 * 1024]));
        await pair.Rented();
        pair.PeerResets();
        await Assert.ThrowsAsync<ConnectionResetException>(() => writing);
    }
}
