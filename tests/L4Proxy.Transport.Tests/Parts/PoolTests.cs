using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tests.Parts;

public sealed class PoolTests
{
    private const int PipeSize = 256 * 1024;

    [Fact]
    public void An_empty_pipe_is_lent_again()
    {
        using var pool = new PipePool(limit: 2, PipeSize);
        var pipe = pool.TryRent(0)!;
        Assert.Equal(1, pool.Rented);
        pool.Return(pipe);
        Assert.Equal(0, pool.Rented);
        Assert.Same(pipe, pool.TryRent(0));
        pool.Return(pipe);
    }

    [Fact]
    public void A_pipe_with_bytes_in_it_is_never_lent_again()
    {
        using var pool = new PipePool(limit: 1, PipeSize);
        var pipe = pool.TryRent(0)!;
        Put(pipe, 100);
        pool.Return(pipe);
        Assert.Equal(0, pool.Rented);

        // Its place is free again: a new one may be made within the limit.
        var next = pool.TryRent(0)!;
        Assert.NotSame(pipe, next);
        Assert.Equal(0, next.Count);
        pool.Return(next);
    }

    [Fact]
    public void Beyond_the_limit_there_is_no_pipe_and_the_miss_is_counted()
    {
        using var pool = new PipePool(limit: 1, PipeSize);
        var pipe = pool.TryRent(0)!;
        Assert.Null(pool.TryRent(0));
        Assert.Equal(1, pool.Misses);
        pool.Return(pipe);
    }

    [Fact]
    public void A_pipe_smaller_than_useful_is_refused_and_not_tried_again_at_once()
    {
        using var pool = new PipePool(limit: 4, pipeSize: 4096);
        Assert.Null(pool.TryRent(now: 0));
        Assert.Null(pool.TryRent(now: 999));
        Assert.Equal((0, 2), (pool.Rented, pool.Misses));
    }

    [Fact]
    public void A_pipe_knows_its_size_and_what_is_in_it()
    {
        using var pool = new PipePool(limit: 1, PipeSize);
        var pipe = pool.TryRent(0)!;
        Assert.Equal(PipeSize, pipe.Size);
        Put(pipe, 70);
        Assert.Equal(70, pipe.Count);
        pool.Return(pipe);
    }

    [Fact]
    public void Buffers_are_reused_and_only_a_handful_is_kept()
    {
        var pool = new BufferPool(1024);
        var buffers = Enumerable.Range(0, 100).Select(_ => pool.Rent()).ToArray();
        Assert.Equal(100, pool.Rented);
        Assert.All(buffers, buffer => Assert.Equal(1024, buffer.Length));
        Array.ForEach(buffers, pool.Return);
        Assert.Equal(0, pool.Rented);
        var again = Enumerable.Range(0, 100).Select(_ => pool.Rent()).ToArray();
        Assert.Equal(32, again.Count(buffer => buffers.Any(old => ReferenceEquals(old, buffer))));
        Assert.Equal(100, again.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    /// <summary>Splices bytes in from another pipe; to splice it makes no difference where they come from.</summary>
    private static unsafe void Put(KernelPipe pipe, int bytes)
    {
        Assert.Equal(0, Pipes.Create(out var readEnd, out var writeEnd));
        var data = stackalloc byte[bytes];
        Assert.Equal(bytes, Libc.Write(writeEnd, data, (nuint)bytes));
        Assert.Equal(bytes, pipe.FillFrom(readEnd));
        Sockets.Close(readEnd);
        Sockets.Close(writeEnd);
    }
}
