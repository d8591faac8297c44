using System.Buffers.Binary;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Server;

/// <summary>One accepted connection. A reset is an ordinary end here; the generator judges whether it should have come.</summary>
internal sealed class ServerConnection(EventLoop loop, int descriptor, Action closed) : IReadiness
{
    private readonly byte[] _head = new byte[Header.Size];
    private byte[] _message = [];
    private Header? _header;
    private int _filled;
    private int _unsentFrom;
    private long _received;
    private long _toSend;
    private long _sent;
    private bool _sending;
    private bool _blocked;
    private bool _receivedAll;
    private bool _closed;

    public void Ready(uint events)
    {
        if (_closed)
        {
            return;
        }
        if (_header is null && !ReadHeader())
        {
            return;
        }
        if ((events & Constants.Writable) != 0 && _sending)
        {
            Send();
        }
        if (!_closed && !_receivedAll && (events & Constants.Readable) != 0)
        {
            Receive();
        }
        if (!_closed && _receivedAll && !_sending)
        {
            Close();
        }
    }

    private bool ReadHeader()
    {
        var count = Sockets.Receive(descriptor, _head.AsSpan(_filled));
        if (count is 0 or Sockets.Broken)
        {
            Close();
            return false;
        }
        _filled += Math.Max(0, count);
        if (_filled < Header.Size)
        {
            return false;
        }
        var header = Header.Read(_head);
        _header = header;
        switch (header.Mode)
        {
            case Mode.Echo:
                _message = new byte[header.Length];
                _head.CopyTo(_message, 0);
                break;
            case Mode.Download:
                StartSending(header.Length);
                break;
            default:
                break;
        }
        return true;
    }

    private void Receive()
    {
        if (_header!.Value.Mode == Mode.Echo)
        {
            ReceiveMessage();
            return;
        }
        var count = _header.Value.Verify ? ReceiveAndCheck() : Sockets.Discard(descriptor, 4 * Pattern.ChunkSize);
        if (count == Sockets.Broken)
        {
            Close();
        }
        else if (count > 0)
        {
            _received += count;
        }
        else if (count == 0)
        {
            ReceivedAll();
        }
    }

    private int ReceiveAndCheck()
    {
        var buffer = new byte[Pattern.ChunkSize];
        var count = Sockets.Receive(descriptor, buffer);
        if (count > 0)
        {
            Pattern.Check(_received, buffer.AsSpan(0, count));
        }
        return count;
    }

    private void ReceivedAll()
    {
        _receivedAll = true;
        switch (_header!.Value.Mode)
        {
            case Mode.Upload:
                BinaryPrimitives.WriteInt64LittleEndian(_head, _received);
                _ = Sockets.Send(descriptor, _head.AsSpan(0, sizeof(long)));
                break;
            case Mode.AnswerAfterEnd:
                StartSending(_header.Value.Length);
                break;
            default:
                // What is left to send is sent first; Ready closes afterwards. Not readable any more, or the loop would spin on the end.
                if (_sending)
                {
                    loop.Change(descriptor, Constants.Writable);
                }
                break;
        }
    }

    // A message is answered when it is complete, as a real server would, whatever pieces the proxy made of it.
    private void ReceiveMessage()
    {
        var count = Sockets.Receive(descriptor, _message.AsSpan(_filled));
        if (count is 0 or Sockets.Broken)
        {
            Close();
            return;
        }
        _filled += Math.Max(0, count);
        if (_filled == _message.Length)
        {
            _unsentFrom = 0;
            _sending = true;
            Send();
        }
    }

    private void StartSending(long bytes)
    {
        _toSend = bytes;
        _sending = true;
        loop.Change(descriptor, _receivedAll ? Constants.Writable : Constants.Readable | Constants.Writable);
    }

    private void Send()
    {
        var echo = _header!.Value.Mode == Mode.Echo;
        var count = Sockets.Send(descriptor, echo ? _message.AsSpan(_unsentFrom) : Pattern.At(_sent, _toSend - _sent));
        if (count == Sockets.Broken)
        {
            Close();
        }
        else if (echo)
        {
            _unsentFrom += Math.Max(0, count);
            EchoSent();
        }
        else if ((_sent += Math.Max(0, count)) == _toSend)
        {
            _sending = false;
            Sockets.ShutdownSend(descriptor);
            loop.Change(descriptor, Constants.Readable);
        }
    }

    private void EchoSent()
    {
        if (_unsentFrom < _message.Length)
        {
            if (!_blocked)
            {
                _blocked = true;
                loop.Change(descriptor, Constants.Writable);
            }
            return;
        }
        if (_blocked)
        {
            _blocked = false;
            loop.Change(descriptor, Constants.Readable);
        }
        _sending = false;
        _filled = 0;
    }

    private void Close()
    {
        _closed = true;
        loop.Close(descriptor);
        closed();
    }
}
