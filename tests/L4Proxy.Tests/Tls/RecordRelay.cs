using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>What becomes of one TLS record on its way.</summary>
public enum RecordFate
{
    Pass,

    /// <summary>It and all that follow it never arrive; nothing else happens.</summary>
    Vanish,

    /// <summary>FIN arrives in its place, and no close_notify.</summary>
    Fin,

    /// <summary>Half of it arrives, then FIN.</summary>
    HalfThenFin,

    /// <summary>RST arrives in its place.</summary>
    Reset,

    /// <summary>Its last byte arrives changed.</summary>
    Flip,

    /// <summary>Bytes of no protocol arrive in its place.</summary>
    Garbage,
}

/// <summary>
/// The network between two TLS ends, for one connection: passes records on, or does to one of them what networks and attackers do.
/// </summary>
internal sealed class RecordRelay : IAsyncDisposable
{
    private const int HeaderSize = 5;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _relaying;

    /// <param name="target">Where it leads, on loopback.</param>
    /// <param name="ofClient">Fate of the client's records by number; null passes all.</param>
    /// <param name="ofServer">The same for the server's.</param>
    public RecordRelay(int target, Func<int, RecordFate>? ofClient = null, Func<int, RecordFate>? ofServer = null)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _relaying = RelayAsync(target, ofClient ?? Pass, ofServer ?? Pass);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public static Func<int, RecordFate> At(int number, RecordFate fate) => record => record == number ? fate : RecordFate.Pass;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _relaying.WaitAsync(Patience.Limit);
    }

    private static RecordFate Pass(int record) => RecordFate.Pass;

    private async Task RelayAsync(int target, Func<int, RecordFate> ofClient, Func<int, RecordFate> ofServer)
    {
        try
        {
            using var client = await _listener.AcceptAsync();
            using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await server.ConnectAsync(IPAddress.Loopback, target);
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAll(PumpAsync(client, server, ofClient), PumpAsync(server, client, ofServer));
        }
        catch (SocketException)
        {
            // Nobody came, or the target is not there: the test says what it missed.
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, Func<int, RecordFate> fateOf)
    {
        using var stream = new NetworkStream(from, ownsSocket: false);
        var record = new byte[HeaderSize + 17 * 1024];
        try
        {
            for (var number = 0; await ReadAsync(stream, record) is var length and > 0; number++)
            {
                if (!await DeliverAsync(to, record.AsMemory(0, length), fateOf(number)))
                {
                    await stream.CopyToAsync(Stream.Null);
                    return;
                }
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException)
        {
            Reset(to);
        }
    }

    // By either direction, whichever comes first; the other then fails and resets its own target.
    private static void Reset(Socket to)
    {
        try
        {
            to.LingerState = new LingerOption(true, 0);
            to.Close();
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Reset before.
        }
    }

    private static async Task<int> ReadAsync(NetworkStream stream, byte[] record)
    {
        if (await stream.ReadAtLeastAsync(record.AsMemory(0, HeaderSize), HeaderSize, throwOnEndOfStream: false) < HeaderSize)
        {
            return 0;
        }
        var length = BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(3));
        await stream.ReadExactlyAsync(record.AsMemory(HeaderSize, length));
        return HeaderSize + length;
    }

    /// <returns>Whether the records after it pass.</returns>
    private static async Task<bool> DeliverAsync(Socket to, Memory<byte> record, RecordFate fate)
    {
        switch (fate)
        {
            case RecordFate.Flip:
                record.Span[^1] ^= 1;
                break;
            case RecordFate.Garbage:
                record.Span.Fill((byte)'?');
                break;
            case RecordFate.HalfThenFin:
                await to.SendAsync(record[..(record.Length / 2)]);
                to.Shutdown(SocketShutdown.Send);
                return false;
            case RecordFate.Fin:
                to.Shutdown(SocketShutdown.Send);
                return false;
            case RecordFate.Reset:
                Reset(to);
                return false;
            case RecordFate.Vanish:
                return false;
        }
        await to.SendAsync(record);
        return true;
    }
}
