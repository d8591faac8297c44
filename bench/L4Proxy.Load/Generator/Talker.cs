using System.Diagnostics;
using System.Net;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Generator;

/// <summary>
/// One kept connection that sends a message and reads its echo, one at a time. What happens after an answer is the owner's decision,
/// so closed loop, open loop and idle holders are the same connection.
/// </summary>
internal sealed class Talker : IReadiness
{
    private readonly EventLoop _loop;
    private readonly Action<Talker> _answered;
    private readonly byte[] _message;
    private readonly byte[] _answer;
    private int _unsentFrom;
    private int _received;
    private bool _connected;
    private bool _closed;

    /// <param name="loop">The loop that drives it.</param>
    /// <param name="target">Where to connect.</param>
    /// <param name="size">Bytes per message, more than the header's 16.</param>
    /// <param name="source">Source address, or null for the kernel's choice.</param>
    /// <param name="answered">Called with this talker after each answer, the first included.</param>
    internal Talker(EventLoop loop, IPEndPoint target, int size, IPAddress? source, Action<Talker> answered)
    {
        _loop = loop;
        _answered = answered;
        _message = Pattern.At(size, size).ToArray();
        new Header(Mode.Echo, Verify: false, size).Write(_message);
        _answer = new byte[size];
        Descriptor = Sockets.Connect(target, source);
        loop.Add(Descriptor, this, Constants.Writable);
    }

    internal int Descriptor { get; }

    /// <summary>Stopwatch ticks from which the answer's latency counts.</summary>
    internal long StartedAt { get; private set; }

    /// <summary>Sends the next message. An open loop passes the time at which it should have been sent.</summary>
    internal void Say(long startedAt)
    {
        StartedAt = startedAt;
        _received = 0;
        _unsentFrom = Outcome.Unbroken(Sockets.Send(Descriptor, _message));
        if (_unsentFrom < _message.Length)
        {
            _loop.Change(Descriptor, Constants.Readable | Constants.Writable);
        }
    }

    internal void Close()
    {
        _closed = true;
        _loop.Close(Descriptor);
    }

    public void Ready(uint events)
    {
        if (_closed)
        {
            return;
        }
        if (!_connected)
        {
            _connected = true;
            Outcome.Connected(Descriptor);
            _loop.Change(Descriptor, Constants.Readable);
            Say(Stopwatch.GetTimestamp());
            return;
        }
        if ((events & Constants.Writable) != 0 && _unsentFrom < _message.Length)
        {
            SendRest();
        }
        if ((events & Constants.Readable) != 0)
        {
            Receive();
        }
    }

    private void SendRest()
    {
        _unsentFrom += Outcome.Unbroken(Sockets.Send(Descriptor, _message.AsSpan(_unsentFrom)));
        if (_unsentFrom == _message.Length)
        {
            _loop.Change(Descriptor, Constants.Readable);
        }
    }

    private void Receive()
    {
        if (_received == _answer.Length)
        {
            throw new LoadException("the contender closed a kept connection, or sent more than was asked for");
        }
        var count = Sockets.Receive(Descriptor, _answer.AsSpan(_received));
        if (count == 0)
        {
            throw new LoadException("the contender closed a kept connection in the middle of an answer");
        }
        _received += Outcome.Unbroken(count);
        if (_received < _answer.Length)
        {
            return;
        }
        if (!_answer.AsSpan().SequenceEqual(_message))
        {
            throw new LoadException("an answer was not the echo of its message");
        }
        _answered(this);
    }
}
