using L4Proxy.Transport.Native;
using L4Proxy.Transport.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Tests.Pipelines;

public sealed class ReaderTests
{
    [Fact]
    public async Task What_is_not_consumed_is_returned_again_with_what_follows()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("abcdef");
        await pair.OnLoop(async () =>
        {
            var first = await pair.Input.ReadAtLeastAsync(6);
            pair.Input.AdvanceTo(first.Buffer.GetPosition(2), first.Buffer.End);
        });
        var next = pair.OnLoop(async () =>
        {
            var result = await pair.Input.ReadAsync();
            var text = PipedPair.Text(result.Buffer);
            pair.Input.AdvanceTo(result.Buffer.End);
            return text;
        });
        pair.PeerSends("g");
        Assert.Equal("cdefg", await next);
        Assert.Equal(0, await pair.Rented());
    }

    [Fact]
    public async Task What_is_not_examined_is_returned_at_once()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("abc");
        await pair.OnLoop(async () =>
        {
            var first = await pair.Input.ReadAtLeastAsync(3);
            pair.Input.AdvanceTo(first.Buffer.Start, first.Buffer.GetPosition(1));
            var again = pair.Input.ReadAsync();
            Assert.True(again.IsCompletedSuccessfully);
            var result = await again;
            Assert.Equal("abc", PipedPair.Text(result.Buffer));
            pair.Input.AdvanceTo(result.Buffer.GetPosition(3));
            Assert.False(pair.Input.TryRead(out _));
        });
    }

    [Fact]
    public async Task A_message_that_comes_byte_by_byte_wakes_the_reader_once_per_byte()
    {
        await using var pair = new PipedPair();
        var seen = new SemaphoreSlim(0);
        var wakes = 0;
        var reading = pair.OnLoop(async () =>
        {
            while (true)
            {
                var result = await pair.Input.ReadAsync();
                wakes++;
                var length = result.Buffer.Length;
                pair.Input.AdvanceTo(length == 20 ? result.Buffer.End : result.Buffer.Start, result.Buffer.End);
                seen.Release();
                if (length == 20)
                {
                    return wakes;
                }
            }
        });
        for (var i = 0; i < 20; i++)
        {
            pair.PeerSends("x");
            await seen.WaitAsync();
        }
        Assert.Equal(20, await reading);
    }

    [Fact]
    public async Task An_idle_reader_holds_no_buffer_and_one_with_bytes_holds_one()
    {
        await using var pair = new PipedPair();
        var first = pair.OnLoop(() => pair.Input.ReadAsync());
        Assert.Equal(0, await pair.Rented());
        pair.PeerSends("a");
        var result = await first;
        Assert.Equal(1, await pair.Rented());
        await pair.OnLoop(() => pair.Input.AdvanceTo(result.Buffer.End));
        Assert.Equal(0, await pair.Rented());
    }

    [Fact]
    public async Task Cancelling_ends_the_pending_read_and_bytes_come_with_the_next()
    {
        await using var pair = new PipedPair();
        var read = pair.OnLoop(() => pair.Input.ReadAsync());
        pair.Input.CancelPendingRead();
        Assert.True((await read).IsCanceled);
        pair.PeerSends("a");
        var next = await pair.OnLoop(() => pair.Input.ReadAsync());
        Assert.False(next.IsCanceled);
        Assert.Equal("a", PipedPair.Text(next.Buffer));
    }

    [Fact]
    public async Task Cancelling_without_a_pending_read_ends_the_next_one_only()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("a");
        await pair.UntilArrived(1);
        pair.Input.CancelPendingRead();
        await pair.OnLoop(async () =>
        {
            Assert.True((await pair.Input.ReadAsync()).IsCanceled);
            Assert.Equal("a", PipedPair.Text((await pair.Input.ReadAsync()).Buffer));
        });
    }

    [Fact]
    public async Task A_cancelled_token_throws_and_the_reader_goes_on()
    {
        await using var pair = new PipedPair();
        using var source = new CancellationTokenSource();
        var read = pair.OnLoop(() => pair.Input.ReadAsync(source.Token));
        await source.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(source.Token, thrown.CancellationToken);
        pair.PeerSends("a");
        Assert.Equal(1, (await pair.OnLoop(() => pair.Input.ReadAsync())).Buffer.Length);
    }

    [Fact]
    public async Task The_end_comes_with_the_bytes_before_it_and_stays()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("abc");
        pair.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await pair.OnLoop(async () =>
        {
            var result = await pair.Input.ReadAtLeastAsync(10);
            Assert.True(result.IsCompleted);
            Assert.Equal("abc", PipedPair.Text(result.Buffer));
            pair.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await pair.Input.ReadAsync();
            Assert.True(result.IsCompleted);
            Assert.Equal("abc", PipedPair.Text(result.Buffer));
            pair.Input.AdvanceTo(result.Buffer.End);
            Assert.True(pair.Input.TryRead(out result));
            Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
        });
    }

    [Fact]
    public async Task A_reset_surfaces_as_ConnectionResetException()
    {
        await using var pair = new PipedPair();
        var read = pair.OnLoop(() => pair.Input.ReadAsync());
        await pair.Rented();
        pair.PeerResets();
        await Assert.ThrowsAsync<ConnectionResetException>(() => read);
        await Assert.ThrowsAsync<ConnectionResetException>(() => pair.OnLoop(() => pair.Input.ReadAsync()));
        await Assert.ThrowsAsync<ConnectionResetException>(() => pair.OnLoop(() => pair.Output.WriteAsync(new byte[1])));
    }

    [Fact]
    public async Task An_abort_surfaces_as_ConnectionAbortedException_even_when_bytes_have_arrived()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("a");
        await pair.UntilArrived(1);
        await pair.OnLoop(() => pair.Leg.Abort(Errno.ECANCELED));
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => pair.OnLoop(() => pair.Input.ReadAsync()));
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => pair.OnLoop(() => pair.Output.WriteAsync(new byte[1])));
    }

    [Fact]
    public async Task Disposing_fails_a_read_that_is_pending()
    {
        await using var pair = new PipedPair();
        var read = pair.OnLoop(() => pair.Input.ReadAsync());
        await pair.OnLoop(pair.Pipe.DisposeAsync);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => read);
        Assert.Equal(0, pair.Peer.Receive(new byte[1]));
    }

    [Fact]
    public async Task Examining_a_mebibyte_without_consuming_grows_to_it_and_then_fails_saying_so()
    {
        await using var pair = new PipedPair();
        var sending = Task.Run(() => pair.Peer.Send(new byte[LegPipeReader.MaxBuffered]));
        await pair.OnLoop(async () =>
        {
            var result = await pair.Input.ReadAtLeastAsync(LegPipeReader.MaxBuffered);
            Assert.Equal(LegPipeReader.MaxBuffered, result.Buffer.Length);
            pair.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            var thrown = await Assert.ThrowsAsync<InvalidDataException>(async () => await pair.Input.ReadAsync());
            Assert.Contains("consume in parts", thrown.Message, StringComparison.Ordinal);
        });
        Assert.Equal(LegPipeReader.MaxBuffered, await sending);
    }

    [Fact]
    public async Task Messages_that_straddle_the_buffer_keep_their_bytes()
    {
        await using var pair = new PipedPair();
        const int Message = 24 * 1024 + 7;
        const int Count = 200;
        var sent = new byte[Message * Count];
        new Random(1).NextBytes(sent);
        var sending = Task.Run(() => pair.Peer.Send(sent));
        await pair.OnLoop(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                var result = await pair.Input.ReadAtLeastAsync(Message);
                var message = result.Buffer.Slice(0, Message);
                Assert.True(message.FirstSpan.SequenceEqual(sent.AsSpan(i * Message, Message)));
                pair.Input.AdvanceTo(message.End);
            }
        });
        Assert.Equal(sent.Length, await sending);
        Assert.Equal(0, await pair.Rented());
    }

    [Fact]
    public async Task Misuse_is_refused()
    {
        await using var pair = new PipedPair();
        pair.PeerSends("abc");
        await pair.OnLoop(async () =>
        {
            var result = await pair.Input.ReadAtLeastAsync(3);
            Assert.Throws<InvalidOperationException>(() => pair.Input.TryRead(out _));
            Assert.Throws<InvalidOperationException>(() => pair.Input.AdvanceTo(result.Buffer.End, result.Buffer.Start));
            pair.Input.AdvanceTo(result.Buffer.GetPosition(1));
            Assert.Throws<InvalidOperationException>(() => pair.Input.AdvanceTo(result.Buffer.End));
            await pair.Input.CompleteAsync();
            Assert.Throws<InvalidOperationException>(() => pair.Input.TryRead(out _));
        });
        Assert.Equal(0, await pair.Rented());
    }
}
