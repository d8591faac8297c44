using System.Net.Security;
using System.Net.Sockets;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>One program that speaks TLS: a blocking SslStream over a socket that the test can also use directly.</summary>
internal sealed class TlsPeer : IPeer
{
    private readonly byte[] _buffer = new byte[Pattern.MaxChunk];

    public TlsPeer(Socket socket)
    {
        Socket = socket;
        socket.NoDelay = true;
        socket.ReceiveTimeout = socket.SendTimeout = Patience.Milliseconds;
        Inner = new PeerStream(socket);
        Stream = new SslStream(Inner);
    }

    public Socket Socket { get; }
    public PeerStream Inner { get; }
    public SslStream Stream { get; }
    public long Sent { get; private set; }
    public long Received { get; private set; }

    public void Send(long bytes)
    {
        for (var end = Sent + bytes; Sent < end;)
        {
            Write((int)Math.Min(end - Sent, Pattern.MaxChunk));
        }
    }

    /// <returns>Whether the connection still took bytes.</returns>
    public bool TrySend(int bytes)
    {
        try
        {
            Write(bytes);
            return true;
        }
        catch (IOException)
        {
            // Not asked for its kind: a blocking send that a reset wakes up reports a timeout, whatever the clock says.
            return false;
        }
    }

    public void Receive(long bytes)
    {
        for (var end = Received + bytes; Received < end;)
        {
            Assert.Equal(Ending.None, ReceiveSome((int)Math.Min(end - Received, _buffer.Length)));
        }
    }

    public Ending ReceiveSome(int atMost = Pattern.MaxChunk)
    {
        int taken;
        try
        {
            lock (Inner.Gate)
            {
                taken = Stream.Read(_buffer, 0, atMost);
            }
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return Ending.Reset;
        }
        catch (IOException) when (Inner.SawFin)
        {
            return Ending.Truncated;
        }
        Assert.True(Pattern.Fits(_buffer.AsSpan(0, taken), Received), $"other bytes than sent arrived within {taken} after {Received}");
        Received += taken;
        return taken > 0 ? Ending.None : Inner.SawFin ? Ending.Truncated : Ending.Fin;
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

    public void Fin()
    {
        CloseNotify();
        Socket.Shutdown(SocketShutdown.Send);
    }

    public void CloseNotify()
    {
        lock (Inner.Gate)
        {
            Stream.ShutdownAsync().WaitAsync(Patience.Limit).GetAwaiter().GetResult();
        }
    }

    /// <summary>The record that sending these bytes would put on the wire, which is not sent.</summary>
    public byte[] Record(int bytes)
    {
        Inner.Keeping = true;
        Write(bytes);
        Inner.Keeping = false;
        return Inner.TakeKept();
    }

    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, 0);
        Socket.Close();
    }

    public void Dispose() => Stream.Dispose();

    private void Write(int bytes)
    {
        Stream.Write(Pattern.At(Sent, bytes).Span);
        Sent += bytes;
    }
}
