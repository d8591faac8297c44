using System.Net;
using System.Runtime.InteropServices;

namespace L4Proxy.Transport.Native;

/// <summary>The socket calls with spans and endpoints instead of pointers. Negative results are negated error numbers.</summary>
internal static unsafe class Sockets
{
    private static int LastError() => -Marshal.GetLastPInvokeError();

    public static int Create(bool ipv6)
    {
        var family = ipv6 ? Constants.AF_INET6 : Constants.AF_INET;
        var descriptor = Libc.Socket(family, Constants.SOCK_STREAM | Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            return LastError();
        }
        if (Descriptors.IsInReserve(descriptor))
        {
            Close(descriptor);
            return -(int)Errno.EMFILE;
        }
        return descriptor;
    }

    /// <summary>The same socket under the lowest free number.</summary>
    public static int Duplicate(int socket)
    {
        var duplicate = Libc.FileControl(socket, Constants.F_DUPFD_CLOEXEC, 0);
        return duplicate >= 0 ? duplicate : LastError();
    }

    /// <summary>Closes a descriptor. EINTR counts as closed: on Linux the descriptor is gone whatever close(2) returns.</summary>
    public static void Close(int descriptor) => _ = Libc.Close(descriptor);

    public static int Bind(int socket, IPEndPoint endPoint)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        var length = SocketAddress.Write(endPoint, new Span<byte>(address, SocketAddress.MaxLength));
        return Libc.Bind(socket, address, (uint)length) == 0 ? 0 : LastError();
    }

    public static int Listen(int socket, int backlog) => Libc.Listen(socket, backlog) == 0 ? 0 : LastError();

    public static int Accept(int socket, out IPEndPoint? peer)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        var accepted = Libc.Accept(socket, address, &length, Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
        if (accepted < 0)
        {
            peer = null;
            return LastError();
        }
        peer = SocketAddress.Read(new ReadOnlySpan<byte>(address, (int)length));
        return accepted;
    }

    public static int Connect(int socket, IPEndPoint endPoint)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        var length = SocketAddress.Write(endPoint, new Span<byte>(address, SocketAddress.MaxLength));
        return Libc.Connect(socket, address, (uint)length) == 0 ? 0 : LastError();
    }

    public static int Receive(int socket, Span<byte> buffer, int flags)
    {
        fixed (byte* pointer = buffer)
        {
            var received = Libc.Receive(socket, pointer, (nuint)buffer.Length, flags);
            return received >= 0 ? (int)received : LastError();
        }
    }

    public static int Send(int socket, ReadOnlySpan<byte> buffer, int flags = 0)
    {
        fixed (byte* pointer = buffer)
        {
            var sent = Libc.Send(socket, pointer, (nuint)buffer.Length, flags | Constants.MSG_NOSIGNAL);
            return sent >= 0 ? (int)sent : LastError();
        }
    }

    public static void ShutdownWrite(int socket) => _ = Libc.Shutdown(socket, Constants.SHUT_WR);

    public static IPEndPoint? LocalEndPoint(int socket)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        return Libc.GetSocketName(socket, address, &length) == 0
            ? SocketAddress.Read(new ReadOnlySpan<byte>(address, (int)length))
            : null;
    }

    /// <summary>Whether the handshake of a connect in progress is over.</summary>
    public static bool IsConnected(int socket)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        return Libc.GetPeerName(socket, address, &length) == 0;
    }

    /// <summary>
    /// The destination before netfilter redirected the connection. conntrack answers per family: level IP for IPv4, including
    /// IPv4 on a dual-stack socket, level IPV6 for IPv6.
    /// </summary>
    public static IPEndPoint? OriginalDestination(int socket, bool ipv4, out Errno error)
    {
        var address = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        var level = ipv4 ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6;
        if (Libc.GetSocketOption(socket, level, Constants.SO_ORIGINAL_DST, address, &length) != 0)
        {
            error = (Errno)Marshal.GetLastPInvokeError();
            return null;
        }
        error = Errno.None;
        return SocketAddress.Read(new ReadOnlySpan<byte>(address, (int)length));
    }

    public static int SetOption(int socket, int level, int option, int value) =>
        Libc.SetSocketOption(socket, level, option, &value, sizeof(int)) == 0 ? 0 : LastError();

    public static int GetOption(int socket, int level, int option, out int value)
    {
        var result = 0;
        uint length = sizeof(int);
        var status = Libc.GetSocketOption(socket, level, option, &result, &length);
        value = result;
        return status == 0 ? 0 : LastError();
    }

    /// <summary>Takes the pending error off the socket; the kernel reports it once.</summary>
    public static Errno TakeError(int socket) =>
        GetOption(socket, Constants.SOL_SOCKET, Constants.SO_ERROR, out var error) == 0 ? (Errno)error : Errno.EBADF;

    /// <summary>Makes the coming close send RST and drop what is queued, instead of FIN.</summary>
    public static void ResetOnClose(int socket)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = Libc.SetSocketOption(socket, Constants.SOL_SOCKET, Constants.SO_LINGER, linger, 2 * sizeof(int));
    }

    /// <summary>Bytes the kernel accepted from us and has not put on the wire yet; 0 when that cannot be known any more.</summary>
    public static int UnsentBytes(int socket)
    {
        var unsent = 0;
        return Libc.IoControl(socket, Constants.SIOCOUTQNSD, &unsent) == 0 ? unsent : 0;
    }
}
