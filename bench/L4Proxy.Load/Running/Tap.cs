using System.Net;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>Stands between the halves of a pair, passes everything on unchanged, and reads what the server chose.</summary>
internal sealed class Tap : IReadiness, IDisposable
{
    // A server's first flight is a few kilobytes with its certificates behind the part that is read here.
    private const int Kept = 16 * 1024;

    private readonly EventLoop _loop;
    private readonly IPEndPoint _upstream;
    private readonly int _listener;

    internal Tap(EventLoop loop, IPEndPoint listen, IPEndPoint upstream)
    {
        _loop = loop;
        _upstream = upstream;
        _listener = Sockets.Listen(listen);
        loop.Add(_listener, this, Constants.Readable);
    }

    /// <summary>One per handshake.</summary>
    internal List<ServerHello> Heard { get; } = [];

    public void Ready(uint events)
    {
        int descriptor;
        while ((descriptor = Sockets.Accept(_listener)) >= 0)
        {
            var connection = new Connection(this, descriptor, Sockets.Connect(_upstream));
            connection.Start();
        }
    }

    public void Dispose() => _loop.Close(_listener);

    private sealed class Connection(Tap tap, int client, int server)
    {
        private readonly byte[] _first = new byte[Kept];
        private readonly byte[] _buffer = new byte[Kept];
        private int _kept;
        private bool _heard;
        private bool _closed;

        internal void Start() => tap._loop.Add(server, new FromServer(this), Constants.Writable);

        // The client's bytes wait in the kernel until there is someone to pass them to.
        private void Connected()
        {
            Outcome.Connected(server);
            tap._loop.Change(server, Constants.Readable);
            tap._loop.Add(client, new FromClient(this), Constants.Readable);
        }

        private void Pass(int from, int to)
        {
            if (_closed)
            {
                return;
            }
            var count = Sockets.Receive(from, _buffer);
            if (count > 0)
            {
                Listen(from, _buffer.AsSpan(0, count));
                count = Sockets.Send(to, _buffer.AsSpan(0, count)) == count ? count : Sockets.Broken;
            }
            if (count is 0 or Sockets.Broken)
            {
                _closed = true;
                tap._loop.Close(client);
                tap._loop.Close(server);
            }
        }

        private void Listen(int from, ReadOnlySpan<byte> bytes)
        {
            if (from != server || _heard)
            {
                return;
            }
            var count = Math.Min(bytes.Length, Kept - _kept);
            bytes[..count].CopyTo(_first.AsSpan(_kept));
            _kept += count;
            if (ServerHello.Find(_first.AsSpan(0, _kept)) is { } hello)
            {
                _heard = true;
                tap.Heard.Add(hello);
            }
        }

        private sealed class FromServer(Connection connection) : IReadiness
        {
            private bool _connected;

            public void Ready(uint events)
            {
                if (!_connected)
                {
                    _connected = true;
                    connection.Connected();
                    return;
                }
                connection.Pass(connection.Server, connection.Client);
            }
        }

        private sealed class FromClient(Connection connection) : IReadiness
        {
            public void Ready(uint events) => connection.Pass(connection.Client, connection.Server);
        }

        private int Client => client;

        private int Server => server;
    }
}
