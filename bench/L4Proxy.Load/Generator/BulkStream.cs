using System.Buffers.Binary;
using System.Net;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Generator;

/// <summary>One connection that sends and receives a fixed number of bytes, ends its direction and reads to the end.</summary>
internal sealed class BulkStream : IReadiness
{
    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private readonly Header _header;
    private readonly long _toSend;
    private readonly long _toReceive;
    private readonly byte[] _scratch = new byte[Header.Size];
    private long _sent;
    private long _received;
    private bool _started;

    /// <param name="loop">The loop that drives it.</param>
    /// <param name="target">Where to connect.</param>
    /// <param name="header">What the server shall do; with <see cref="Header.Verify"/> both ends compare every byte.</param>
    /// <param name="toSend">Bytes after the header.</param>
    internal BulkStream(EventLoop loop, IPEndPoint target, Header header, long toSend)
    {
        _loop = loop;
        _header = header;
        _toSend = toSend;
        _toReceive = header.Mode == Mode.Upload ? sizeof(long) : header.Length;
        _descriptor = Sockets.Connect(target);
        loop.Add(_descriptor, this, Constants.Writable);
    }

    internal bool Done { get; private set; }

    public void Ready(uint events)
    {
        if (Done)
        {
            return;
        }
        if (!_started)
        {
            Start();
        }
        if ((events & Constants.Writable) != 0 && _sent < _toSend)
        {
            Send();
        }
        if ((events & Constants.Readable) != 0)
        {
            Receive();
        }
    }

    private void Start()
    {
        _started = true;
        Outcome.Connected(_descriptor);
        _header.Write(_scratch);
        Outcome.Sent(Sockets.Send(_descriptor, _scratch), Header.Size);
        _loop.Change(_descriptor, _toSend > 0 ? Constants.Readable | Constants.Writable : Constants.Readable);
        EndWhenSent();
    }

    private void Send()
    {
        var count = Sockets.Send(_descriptor, Pattern.At(_sent, _toSend - _sent));
        _sent += Outcome.Unbroken(count);
        if (_sent == _toSend)
        {
            _loop.Change(_descriptor, Constants.Readable);
            EndWhenSent();
        }
    }

    private void EndWhenSent()
    {
        if (_sent == _toSend)
        {
            Sockets.ShutdownSend(_descriptor);
        }
    }

    private void Receive()
    {
        var position = _received;
        var count = _header.Mode == Mode.Upload ? ReceiveTotal() : _header.Verify ? ReceiveAndCheck() : Sockets.Discard(_descriptor, 4 * Pattern.ChunkSize);
        _received += Outcome.Unbroken(count);
        if (count != 0)
        {
            return;
        }
        if (position != _toReceive)
        {
            throw new LoadException($"a stream ended after {position} of {_toReceive} bytes");
        }
        if (_header.Mode == Mode.Upload && BinaryPrimitives.ReadInt64LittleEndian(_scratch) != _toSend)
        {
            throw new LoadException($"the server received {BinaryPrimitives.ReadInt64LittleEndian(_scratch)} of {_toSend} bytes");
        }
        Done = true;
        _loop.Close(_descriptor);
    }

    // One byte more than the answer has, so that a full answer can still be told from its end.
    private int ReceiveTotal() => Sockets.Receive(_descriptor, _scratch.AsSpan((int)_received, sizeof(long) + 1 - (int)_received));

    private int ReceiveAndCheck()
    {
        var buffer = new byte[Pattern.ChunkSize];
        var count = Sockets.Receive(_descriptor, buffer);
        if (count > 0)
        {
            Pattern.Check(_received, buffer.AsSpan(0, count));
        }
        return count;
    }
}
