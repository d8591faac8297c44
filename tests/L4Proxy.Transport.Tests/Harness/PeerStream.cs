using System.Net.Sockets;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>The socket under a peer's SslStream, which remembers the FIN and can keep what was to be sent.</summary>
internal sealed class PeerStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly MemoryStream _kept = new();

    /// <summary>
    /// Held by whoever reads from SslStream, except while he waits for the socket, and by whoever says close_notify: SslStream does that to
    /// OpenSSL without the lock its reads and writes take, and OpenSSL answers "shutdown while in init", or worse.
    /// </summary>
    public object Gate { get; } = new();

    /// <summary>SslStream asked the socket for more and there was a FIN.</summary>
    public bool SawFin { get; private set; }

    /// <summary>Writes are kept instead of sent.</summary>
    public bool Keeping { get; set; }

    /// <summary>Writes go out in pieces of so many bytes, with this after each.</summary>
    public (int Bytes, Action Then)? Piece { get; set; }

    /// <summary>What was kept, which is forgotten.</summary>
    public byte[] TakeKept()
    {
        var kept = _kept.ToArray();
        _kept.SetLength(0);
        return kept;
    }

    public override int Read(Span<byte> buffer)
    {
        var held = Monitor.IsEntered(Gate);
        if (held)
        {
            Monitor.Exit(Gate);
        }
        try
        {
            var read = base.Read(buffer);
            SawFin |= read == 0 && buffer.Length > 0;
            return read;
        }
        finally
        {
            if (held)
            {
                Monitor.Enter(Gate);
            }
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Keeping)
        {
            _kept.Write(buffer);
        }
        else if (Piece is { } piece)
        {
            for (; !buffer.IsEmpty; buffer = buffer[Math.Min(piece.Bytes, buffer.Length)..])
            {
                base.Write(buffer[..Math.Min(piece.Bytes, buffer.Length)]);
                piece.Then();
            }
        }
        else
        {
            base.Write(buffer);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // close_notify: SslStream has no other way to send it than this.
        Write(buffer.Span);
        return default;
    }
}
