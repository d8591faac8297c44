using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>How many handshakes are begun and not over, how many there have been, and the threads they compute on. Thread-safe.</summary>
internal sealed class HandshakeGate(HandshakeThreads threads)
{
    private readonly Tally _terminated = new();
    private readonly Tally _originated = new();
    private int _inFlight;

    public HandshakeThreads Threads => threads;

    /// <summary>Begun and not over; most of them wait for their peers.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public Tally Terminated => _terminated;
    public Tally Originated => _originated;

    /// <summary>Takes a place.</summary>
    /// <param name="limit">Places there are.</param>
    /// <returns>False: all are taken, and the connection is to be refused.</returns>
    public bool TryEnter(int limit)
    {
        if (Interlocked.Increment(ref _inFlight) <= limit)
        {
            return true;
        }
        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    /// <summary>Gives the place back and counts how it went.</summary>
    /// <param name="tally">Of which side.</param>
    /// <param name="succeeded">Whether the connection is secured now.</param>
    /// <param name="microseconds">From its begin, waiting included.</param>
    public void Leave(Tally tally, bool succeeded, long microseconds)
    {
        Interlocked.Decrement(ref _inFlight);
        tally.Add(succeeded, microseconds);
    }

    /// <summary>Handshakes of one side.</summary>
    internal sealed class Tally
    {
        private long _succeeded;
        private long _failed;
        private long _microseconds;

        public long Succeeded => Interlocked.Read(ref _succeeded);
        public long Failed => Interlocked.Read(ref _failed);

        /// <summary>All of the succeeded ones together.</summary>
        public long Microseconds => Interlocked.Read(ref _microseconds);

        public void Add(bool succeeded, long microseconds)
        {
            Interlocked.Increment(ref succeeded ? ref _succeeded : ref _failed);
            if (succeeded)
            {
                Interlocked.Add(ref _microseconds, microseconds);
            }
        }
    }
}
