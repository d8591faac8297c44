using System.Net;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Hosting;

/// <summary>One listening socket on one loop. Accepts what is there, hands it on, and survives running out of everything.</summary>
internal sealed class Acceptor : LoopSocket
{
    /// <summary>Accepts per turn, so that a connection storm does not starve the connections there already are.</summary>
    private const int AcceptsPerTurn = 64;

    /// <summary>
    /// First and longest pause when descriptors or memory are out. Recovery within a second is promised; half of it is the longest
    /// time a waiting client can lose to the pause itself.
    /// </summary>
    private const int FirstPauseMilliseconds = 64;
    private const int LongestPauseMilliseconds = 512;

    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private readonly Action<Leg, IPEndPoint> _accepted;
    private readonly Action<Errno> _died;
    private readonly LoopTimer _retry;
    private int _pause = FirstPauseMilliseconds;
    private int _slot = -1;
    private int _parked = -1;
    private IPEndPoint? _parkedPeer;
    private bool _closed;

    public Acceptor(EventLoop loop, int descriptor, Action<Leg, IPEndPoint> accepted, Action<Errno> died)
    {
        _loop = loop;
        _descriptor = descriptor;
        _accepted = accepted;
        _died = died;
        _retry = new LoopTimer(static acceptor => ((Acceptor)acceptor!).AcceptAll(), this);
    }

    public IPEndPoint? LocalEndPoint => Native.Sockets.LocalEndPoint(_descriptor);

    /// <summary>Starts accepting. On the loop's thread.</summary>
    public void Start()
    {
        if (_loop.Sockets.Add(this, _descriptor, out _slot) is not Errno.None and var error)
        {
            _died(error);
        }
    }

    /// <summary>Stops accepting; connections still in the kernel's queue are reset. On the loop's thread.</summary>
    public void Close()
    {
        if (_closed)
        {
            return;
        }
        _closed = true;
        _loop.Timers.Clear(_retry);
        if (_slot >= 0)
        {
            _loop.Sockets.Remove(_slot);
        }
        CloseDescriptors();
    }

    internal override void OnEvents(uint events)
    {
        // During a pause every new client is an edge too; answering each would undo the pause.
        if (!_retry.IsSet)
        {
            AcceptAll();
        }
    }

    internal override void OnLoopEnded()
    {
        _closed = true;
        CloseDescriptors();
    }

    private void AcceptAll()
    {
        if (_parked >= 0 && !Unpark())
        {
            return;
        }
        for (var i = 0; i < AcceptsPerTurn; i++)
        {
            if (_closed)
            {
                return;
            }
            var accepted = Native.Sockets.Accept(_descriptor, out var peer);
            if (accepted >= 0 && peer is not null)
            {
                if (Descriptors.IsInReserve(accepted))
                {
                    (_parked, _parkedPeer) = (accepted, peer);
                    Pause();
                    return;
                }
                HandOn(accepted, peer);
            }
            else if (!GoesOnAfter((Errno)(-accepted)))
            {
                return;
            }
        }
        // The edge is spent though the queue may not be empty: come back after the others.
        _loop.Defer(static acceptor => ((Acceptor)acceptor!).AcceptAll(), this);
    }

    private void HandOn(int descriptor, IPEndPoint peer)
    {
        _pause = FirstPauseMilliseconds;
        _loop.Counters.Accepted++;
        _accepted(new Leg(_loop, descriptor), peer);
    }

    /// <summary>The connection that was accepted with one of the last descriptors goes on when a lower one is free.</summary>
    private bool Unpark()
    {
        var descriptor = Native.Sockets.Duplicate(_parked);
        if (descriptor < 0 || Descriptors.IsInReserve(descriptor))
        {
            if (descriptor >= 0)
            {
                Native.Sockets.Close(descriptor);
            }
            Pause();
            return false;
        }
        Native.Sockets.Close(_parked);
        _parked = -1;
        HandOn(descriptor, _parkedPeer!);
        return true;
    }

    private void Pause()
    {
        _loop.Counters.AcceptsBackedOff++;
        _loop.Timers.Set(_retry, _loop.Now + _pause);
        _pause = Math.Min(_pause * 2, LongestPauseMilliseconds);
    }

    private void CloseDescriptors()
    {
        Native.Sockets.Close(_descriptor);
        if (_parked >= 0)
        {
            Native.Sockets.Close(_parked);
            _parked = -1;
        }
    }

    /// <summary>Three tiers: nothing there or the peer's fault, out of something, and a dead listener.</summary>
    private bool GoesOnAfter(Errno error)
    {
        switch (error)
        {
            case Errno.EAGAIN:
                return false;

            // The machine is out of something. The connection stays in the kernel's queue; trying again at once would spin.
            case Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM:
                Pause();
                return false;

            // The listener itself is gone or was never one. Loudly: nobody will be served here any more.
            case Errno.EBADF or Errno.EINVAL or Errno.ENOTSOCK or Errno.EFAULT or Errno.EOPNOTSUPP:
                Close();
                _died(error);
                return false;

            // This one connection failed before we saw it (accept(2) lists network errors here too). The next may be well.
            default:
                _loop.Counters.AcceptsAborted++;
                return true;
        }
    }
}
