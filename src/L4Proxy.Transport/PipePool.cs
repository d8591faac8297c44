using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// The kernel pipes of one loop, lent to a direction while it moves data. A pipe always comes back empty: one that holds somebody's
/// bytes is closed instead, because its next user would send them to a stranger.
/// </summary>
internal sealed class PipePool(int limit, int pipeSize) : IDisposable
{
    /// <summary>Below this a pipe moves less per call than the scratch buffer does, and copying is cheaper.</summary>
    private const int SmallestUseful = 64 * 1024;

    private readonly Stack<KernelPipe> _free = new();
    private int _created;
    private long _retryAt;

    /// <summary>Pipes out on loan; 0 when every connection of the loop has ended.</summary>
    public int Rented { get; private set; }

    /// <summary>Times a direction had to copy because there was no pipe.</summary>
    public long Misses { get; private set; }

    /// <returns>Null when the limit is reached or the kernel refuses: the caller copies.</returns>
    public KernelPipe? TryRent(long now)
    {
        if (_free.TryPop(out var pipe) || (pipe = TryCreate(now)) is not null)
        {
            Rented++;
            return pipe;
        }
        Misses++;
        return null;
    }

    public void Return(KernelPipe pipe)
    {
        Rented--;
        if (pipe.Count == 0)
        {
            _free.Push(pipe);
            return;
        }
        _created--;
        pipe.Dispose();
    }

    public void Dispose()
    {
        while (_free.TryPop(out var pipe))
        {
            pipe.Dispose();
        }
    }

    private KernelPipe? TryCreate(long now)
    {
        if (_created >= limit || now < _retryAt)
        {
            return null;
        }
        if (Native.Pipes.Create(out var readEnd, out var writeEnd) < 0)
        {
            _retryAt = now + 1000;
            return null;
        }
        // An unprivileged user over its soft limit gets a pipe of a page or two, without an error.
        var size = Native.Pipes.Resize(writeEnd, pipeSize);
        var pipe = new KernelPipe(readEnd, writeEnd, size);
        if (size < SmallestUseful)
        {
            pipe.Dispose();
            _retryAt = now + 1000;
            return null;
        }
        _created++;
        return pipe;
    }
}

/// <summary>One pipe, and how many bytes are in it.</summary>
internal sealed class KernelPipe(int readEnd, int writeEnd, int size) : IDisposable
{
    public int Size { get; } = size;
    public int Count { get; private set; }

    /// <returns>Bytes moved in, 0 at the end of the stream, or a negated error number.</returns>
    public int FillFrom(int socket)
    {
        var moved = Native.Pipes.Splice(socket, writeEnd, Size);
        if (moved > 0)
        {
            Count += moved;
        }
        return moved;
    }

    /// <returns>Bytes moved out, or a negated error number.</returns>
    public int DrainTo(int socket)
    {
        var moved = Native.Pipes.Splice(readEnd, socket, Count);
        if (moved > 0)
        {
            Count -= moved;
        }
        return moved;
    }

    public void Dispose()
    {
        Sockets.Close(readEnd);
        Sockets.Close(writeEnd);
    }
}
