using System.Net;
using System.Runtime.InteropServices;
using static L4Proxy.Load.Wire.Constants;

namespace L4Proxy.Load.Wire;

/// <summary>Non-blocking IPv4 TCP sockets as plain descriptors.</summary>
internal static unsafe class Sockets
{
    /// <summary>Nothing to read yet, or no room to write.</summary>
    internal const int NotReady = -1;

    /// <summary>The other side has reset the connection.</summary>
    internal const int Broken = -2;

    private const int AddressSize = 16;

    internal static int Checked(int result, string call) =>
        result >= 0 ? result : throw LoadException.Because(call, Marshal.GetLastPInvokeError());

    internal static int Listen(IPEndPoint endPoint)
    {
        var descriptor = New();
        SetOption(descriptor, LevelSocket, ReuseAddress, 1);
        BindTo(descriptor, endPoint);
        _ = Checked(Libc.Listen(descriptor, 4096), "listen");
        return descriptor;
    }

    /// <summary>Accepts one connection, or returns -1 when none waits.</summary>
    internal static int Accept(int listener)
    {
        var descriptor = Libc.Accept(listener, null, null, NonBlocking | CloseOnExec);
        if (descriptor >= 0)
        {
            SetOption(descriptor, LevelTcp, NoDelay, 1);
            return descriptor;
        }
        var error = Marshal.GetLastPInvokeError();
        return error is Again or Interrupted ? -1 : throw LoadException.Because("accept4 at the server", error);
    }

    /// <summary>
    /// Starts connecting. With <paramref name="source"/> the socket is bound to that address and the port is chosen at connect, so that
    /// each source address brings its own 28 k ephemeral ports and TIME_WAIT never runs out of them.
    /// </summary>
    internal static int Connect(IPEndPoint target, IPAddress? source = null, int receiveBuffer = 0)
    {
        var descriptor = New();
        SetOption(descriptor, LevelTcp, NoDelay, 1);
        if (receiveBuffer > 0)
        {
            SetOption(descriptor, LevelSocket, ReceiveBuffer, receiveBuffer);
        }
        if (source is not null)
        {
            SetOption(descriptor, LevelIp, BindAddressNoPort, 1);
            BindTo(descriptor, new IPEndPoint(source, 0));
        }
        var address = stackalloc byte[AddressSize];
        Write(target, address);
        if (Libc.Connect(descriptor, address, AddressSize) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != InProgress)
            {
                _ = Libc.Close(descriptor);
                throw LoadException.Because($"connect to {target}", error);
            }
        }
        return descriptor;
    }

    /// <summary>Makes the coming close a reset.</summary>
    internal static void ResetOnClose(int descriptor)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = Checked(Libc.SetSocketOption(descriptor, LevelSocket, Linger, linger, 8), "setsockopt SO_LINGER");
    }

    /// <summary>Bytes read into <paramref name="buffer"/>; 0 at the end; <see cref="NotReady"/>; <see cref="Broken"/>.</summary>
    internal static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            return Transferred(Libc.Receive(descriptor, pointer, (nuint)buffer.Length, 0), "recv");
        }
    }

    /// <summary>As <see cref="Receive"/>, but the kernel drops the bytes (MSG_TRUNC, tcp(7)): the cheapest possible reader.</summary>
    internal static int Discard(int descriptor, int atMost) =>
        Transferred(Libc.Receive(descriptor, null, (nuint)atMost, Truncate), "recv");

    /// <summary>Bytes taken by the kernel; <see cref="NotReady"/>; <see cref="Broken"/>.</summary>
    internal static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            return Transferred(Libc.Send(descriptor, pointer, (nuint)bytes.Length, NoSignal), "send");
        }
    }

    internal static void ShutdownSend(int descriptor) => _ = Checked(Libc.Shutdown(descriptor, ShutdownWrite), "shutdown");

    /// <summary>The error of a connection attempt that has ended, 0 for none.</summary>
    internal static int ConnectError(int descriptor)
    {
        int error;
        uint length = sizeof(int);
        _ = Checked(Libc.GetSocketOption(descriptor, LevelSocket, SocketError, &error, &length), "getsockopt SO_ERROR");
        return error;
    }

    private static int Transferred(nint result, string call)
    {
        if (result >= 0)
        {
            return (int)result;
        }
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Again or Interrupted => NotReady,
            ConnectionReset or BrokenPipe => Broken,
            _ => throw LoadException.Because($"{call} on a connection under load", error),
        };
    }

    private static int New() => Checked(Libc.Socket(AddressFamilyInet, StreamSocket | NonBlocking | CloseOnExec, 0), "socket");

    private static void SetOption(int descriptor, int level, int option, int value) =>
        _ = Checked(Libc.SetSocketOption(descriptor, level, option, &value, sizeof(int)), "setsockopt");

    private static void BindTo(int descriptor, IPEndPoint endPoint)
    {
        var address = stackalloc byte[AddressSize];
        Write(endPoint, address);
        if (Libc.Bind(descriptor, address, AddressSize) < 0)
        {
            throw LoadException.Because($"bind to {endPoint}", Marshal.GetLastPInvokeError());
        }
    }

    // struct sockaddr_in: family in host order, port and address in network order, eight bytes of padding.
    private static void Write(IPEndPoint endPoint, byte* address)
    {
        new Span<byte>(address, AddressSize).Clear();
        *(ushort*)address = AddressFamilyInet;
        address[2] = (byte)(endPoint.Port >> 8);
        address[3] = (byte)endPoint.Port;
        _ = endPoint.Address.TryWriteBytes(new Span<byte>(address + 4, 4), out _);
    }
}
