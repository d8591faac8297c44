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

    /// <summary>
    /// Descriptors below the limit at which accepting slows down. A burst is accepted faster than it can be refused, and the runtime
    /// needs two descriptors to start a thread: without them it ends the process ("Out of memory.").
    /// </summary>
    private const int KeptForTheRuntime = 32;

    private static readonly long _scarceFrom = HostAddresses.DescriptorLimit - KeptForTheRuntime;

    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private readonly Action<Leg, IPEndPoint> _accepted;
    private readonly Action<Errno> _died;
    private readonly LoopTimer _retry;
    private int _pause = FirstPauseMilliseconds;
    private int _slot = -1;
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
        Native.Sockets.Close(_descriptor);
    }

    internal override void OnEvents(uint events) => AcceptAll();

    internal override void OnLoopEnded()
    {
        _closed = true;
        Native.Sockets.Close(_descriptor);
    }

    private void AcceptAll()
    {
        for (var i = 0; i < AcceptsPerTurn; i++)
        {
            if (_closed)
            {
                return;
            }
            var accepted = Native.Sockets.Accept(_descriptor, out var peer);
            if (accepted >= 0 && peer is not null)
            {
                _pause = FirstPauseMilliseconds;
                _loop.Counters.Accepted++;
                _accepted(new Leg(_loop, accepted), peer);
                if (accepted >= _scarceFrom)
                {
                    // The kernel gives the lowest number: what is this high is among the last. The next waits until some are back.
                    BackOff();
                    return;
                }
            }
            else if (!GoesOnAfter((Errno)(-accepted)))
            {
                return;
            }
        }
        // The edge is spent though the queue may not be empty: come back after the others.
        _loop.Defer(static acceptor => ((Acceptor)acceptor!).AcceptAll(), this);
    }

    private void BackOff()
    {
        _loop.Counters.AcceptsBackedOff++;
        _loop.Timers.Set(_retry, _loop.Now + _pause);
        _pause = Math.Min(_pause * 2, LongestPauseMilliseconds);
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
                BackOff();
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
