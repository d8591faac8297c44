using System.Runtime.CompilerServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tls;

/// <summary>
/// The threads that do the arithmetic of handshakes, one per loop: a full handshake computes for about a millisecond, in which a loop
/// would serve a hundred messages. They run at a lower priority than the loops, so that on a full CPU established connections go first.
/// </summary>
/// <remarks>
/// What waits here is only what can be computed at once; a handshake that waits for its peer occupies none of them, so slow peers delay
/// nobody.
/// </remarks>
public sealed class HandshakeThreads : IDisposable
{
    /// <summary>Of 19: a tenth of the weight of a loop (sched(7)), and still enough to never starve.</summary>
    private const int Nice = 10;

    /// <summary>Steps after which it is worth giving memory back: some 500 handshakes, at 60 KB of OpenSSL's for each that was open at once.</summary>
    private const int StepsToTrim = 1_000;

    /// <summary>How long there must have been nothing to do.</summary>
    private const int QuietMilliseconds = 1_000;

    // Its monitor as well: unlike a semaphore it does not spin, which on a full CPU takes time from the loops.
    private readonly Queue<Action> _steps = new();
    private readonly Thread[] _threads;
    private int _stepsSinceTrim;
    private bool _stopping;

    /// <param name="count">1 to 64.</param>
    public HandshakeThreads(int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { Name = $"l4proxy-tls-{i}", IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Steps that could run and wait for a thread.</summary>
    public int Waiting
    {
        get
        {
            lock (_steps)
            {
                return _steps.Count;
            }
        }
    }

    /// <summary>Goes on on one of the threads.</summary>
    public HandshakeSwitch EnterAsync() => new(this);

    /// <summary>Ends the threads. Only after the loops: whoever still waits is never resumed.</summary>
    public void Dispose()
    {
        lock (_steps)
        {
            _stopping = true;
            Monitor.PulseAll(_steps);
        }
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    internal void Post(Action step)
    {
        lock (_steps)
        {
            _steps.Enqueue(step);
            Monitor.Pulse(_steps);
        }
    }

    private void Run()
    {
        // Lowering one's own priority needs no capability; where a sandbox refuses it all the same, nothing is lost but the order.
        ThreadPriorities.Lower(Nice);
        while (Next() is { } step)
        {
            step();
        }
    }

    private Action? Next()
    {
        while (true)
        {
            lock (_steps)
            {
                while (_steps.Count == 0 && !_stopping)
                {
                    var wait = _stepsSinceTrim >= StepsToTrim ? QuietMilliseconds : Timeout.Infinite;
                    if (!Monitor.Wait(_steps, wait) && _stepsSinceTrim >= StepsToTrim)
                    {
                        _stepsSinceTrim = 0;
                        break;
                    }
                }
                if (_stopping)
                {
                    return null;
                }
                if (_steps.TryDequeue(out var step))
                {
                    _stepsSinceTrim++;
                    return step;
                }
            }
            // A peak is over. What it took would otherwise stay with the process for good.
            FreeMemory.Return();
        }
    }
}

/// <summary>Awaited, goes on on a handshake thread.</summary>
public readonly struct HandshakeSwitch(HandshakeThreads threads) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public HandshakeSwitch GetAwaiter() => this;

    public void GetResult()
    {
        // Arriving is all there is.
    }

    public void OnCompleted(Action continuation) => threads.Post(continuation);

    public void UnsafeOnCompleted(Action continuation) => threads.Post(continuation);
}
