using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>How a stream ended for the one who read it.</summary>
internal enum Ending
{
    None,
    Fin,
    Reset,

    /// <summary>FIN without the close_notify that TLS wants before it.</summary>
    Truncated,
}

/// <summary>One program at an end of a connection: a plain blocking socket that does what the test says and checks what it reads.</summary>
internal sealed class ScriptedPeer : IPeer
{
    private readonly byte[] _buffer = new byte[Pattern.MaxChunk];

    public ScriptedPeer(Socket socket)
    {
        Socket = socket;
        socket.NoDelay = true;
        socket.ReceiveTimeout = socket.SendTimeout = Patience.Milliseconds;
    }

    public Socket Socket { get; }
    public long Sent { get; private set; }
    public long Received { get; private set; }

    /// <param name="address">Where to.</param>
    /// <param name="receiveBuffer">SO_RCVBUF, which also stops the kernel from growing it; 0 leaves it alone.</param>
    public static ScriptedPeer Connect(IPEndPoint address, int receiveBuffer = 0)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }
        socket.Connect(address);
        return new ScriptedPeer(socket);
    }

    public void Send(long bytes)
    {
        for (var end = Sent + bytes; Sent < end;)
        {
            Assert.True(TrySend((int)Math.Min(end - Sent, Pattern.MaxChunk)), "the connection failed while bytes were sent");
        }
    }

    /// <returns>Whether the connection still took bytes.</returns>
    public bool TrySend(int bytes)
    {
        var sent = Socket.Send(Pattern.At(Sent, bytes).Span, SocketFlags.None, out var error);
        if (error == SocketError.TimedOut)
        {
            // A blocking send that a reset wakes up reports a timeout once, whatever the clock says, and the reset after it.
            sent = Socket.Send(Pattern.At(Sent, bytes).Span, SocketFlags.None, out error);
        }
        Assert.NotEqual(SocketError.TimedOut, error);
        Sent += sent;
        return error is SocketError.Success or SocketError.WouldBlock;
    }

    /// <summary>Sends until nobody takes any more for now.</summary>
    public void SendUntilRefused()
    {
        Socket.Blocking = false;
        for (var before = -1L; before != Sent;)
        {
            before = Sent;
            TrySend(Pattern.MaxChunk);
        }
        Socket.Blocking = true;
    }

    /// <summary>Takes exactly so many bytes.</summary>
    public void Receive(long bytes)
    {
        for (var end = Received + bytes; Received < end;)
        {
            Assert.Equal(Ending.None, ReceiveSome((int)Math.Min(end - Received, _buffer.Length)));
        }
    }

    public Ending ReceiveSome(int atMost = Pattern.MaxChunk)
    {
        var taken = Socket.Receive(_buffer.AsSpan(0, atMost), SocketFlags.None, out var error);
        if (error is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return Ending.Reset;
        }
        Assert.Equal(SocketError.Success, error);
        Assert.True(Pattern.Fits(_buffer.AsSpan(0, taken), Received), $"other bytes than sent arrived within {taken} after {Received}");
        Received += taken;
        return taken == 0 ? Ending.Fin : Ending.None;
    }

    public Ending ReceiveToEnd()
    {
        while (true)
        {
            if (ReceiveSome() is not Ending.None and var ending)
            {
                return ending;
            }
        }
    }

    /// <summary>A program that writes learns of a reset even after it has read a FIN.</summary>
    public void SendUntilReset()
    {
        var patience = Stopwatch.StartNew();
        while (TrySend(1))
        {
            Assert.True(patience.Elapsed < Patience.Limit, "no reset came");
        }
    }

    public void Fin() => Socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, 0);
        Socket.Close();
    }

    public void Dispose() => Socket.Dispose();
}
