using System.Runtime.InteropServices;

namespace L4Proxy.Transport.Native;

/// <summary>pipe2(2), its size, and splice(2). Negative results are negated error numbers.</summary>
internal static unsafe class Pipes
{
    public static int Create(out int readEnd, out int writeEnd)
    {
        var ends = stackalloc int[2];
        var status = Libc.Pipe(ends, Constants.O_NONBLOCK | Constants.O_CLOEXEC);
        readEnd = ends[0];
        writeEnd = ends[1];
        if (status != 0)
        {
            return -Marshal.GetLastPInvokeError();
        }
        if (Descriptors.IsInReserve(Math.Max(readEnd, writeEnd)))
        {
            Sockets.Close(readEnd);
            Sockets.Close(writeEnd);
            return -(int)Errno.EMFILE;
        }
        return 0;
    }

    /// <returns>The size the pipe really has after asking for <paramref name="size"/>: a user over the soft limit gets less.</returns>
    public static int Resize(int pipe, int size)
    {
        _ = Libc.FileControl(pipe, Constants.F_SETPIPE_SZ, size);
        return Libc.FileControl(pipe, Constants.F_GETPIPE_SZ, 0);
    }

    /// <summary>Moves bytes between a socket and a pipe without a copy through user space. Never waits.</summary>
    public static int Splice(int from, int to, int length)
    {
        // Never SPLICE_F_MORE: it corks the socket, and the last segment of a message waits 200 ms for company.
        var moved = Libc.Splice(from, null, to, null, (nuint)length, Constants.SPLICE_F_MOVE | Constants.SPLICE_F_NONBLOCK);
        return moved >= 0 ? (int)moved : -Marshal.GetLastPInvokeError();
    }
}
