using System.Diagnostics;
using System.Net;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Generator;

/// <summary>How a visitor leaves.</summary>
internal enum Ending
{
    /// <summary>Ends its direction, reads to the end, closes: FIN both ways.</summary>
    Clean,

    /// <summary>Closes with a reset right after the answer.</summary>
    Reset,
}

/// <summary>One short connection: connect, one message and its echo, end.</summary>
internal sealed class Visitor : IReadiness
{
    private readonly EventLoop _loop;
    private readonly byte[] _message;
    private readonly byte[] _answer;
    private readonly Ending _ending;
    private readonly Action<Visitor> _left;
    private readonly int _descriptor;
    private int _received;
    private bool _connected;
    private bool _closed;

    internal Visitor(EventLoop loop, IPEndPoint target, IPAddress source, byte[] message, Ending ending, Action<Visitor> left)
    {
        _loop = loop;
        _message = message;
        _answer = new byte[message.Length];
        _ending = ending;
        _left = left;
        StartedAt = Stopwatch.GetTimestamp();
        _descriptor = Sockets.Connect(target, source);
        loop.Add(_descriptor, this, Constants.Writable);
    }

    /// <summary>Stopwatch ticks at which connecting began.</summary>
    internal long StartedAt { get; }

    public void Ready(uint events)
    {
        if (_closed)
        {
            return;
        }
        if (!_connected)
        {
            _connected = true;
            Outcome.Connected(_descriptor);
            Outcome.Sent(Sockets.Send(_descriptor, _message), _message.Length);
            _loop.Change(_descriptor, Constants.Readable);
        }
        else if (_received < _answer.Length)
        {
            ReceiveAnswer();
        }
        else if (Sockets.Receive(_descriptor, _answer) == 0)
        {
            Leave();
        }
        else if ((events & Constants.Readable) != 0)
        {
            throw new LoadException("a short connection did not end cleanly: bytes or a reset came after the answer");
        }
    }

    private void ReceiveAnswer()
    {
        var count = Sockets.Receive(_descriptor, _answer.AsSpan(_received));
        if (count == 0)
        {
            throw new LoadException("the contender closed a short connection before the answer was complete");
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
        if (_ending == Ending.Reset)
        {
            Sockets.ResetOnClose(_descriptor);
            Leave();
        }
        else
        {
            Sockets.ShutdownSend(_descriptor);
        }
    }

    private void Leave()
    {
        _closed = true;
        _loop.Close(_descriptor);
        _left(this);
    }
}
