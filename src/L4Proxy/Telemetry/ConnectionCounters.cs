using System.Runtime.CompilerServices;
using L4Proxy.Core.Connections;
using L4Proxy.Transport;

namespace L4Proxy.Telemetry;

/// <summary>
/// What one event loop counted in one direction. Written by the loop's thread alone, with plain additions and no lock; any other
/// thread may read and sees each number whole, but not all of them at one instant.
/// </summary>
internal sealed class ConnectionCounters
{
    private long _opened;
    private ByReason _closed;
    private BySecurity _spliced;

    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Bytes and half-closes, counted by the transport as they happen.</summary>
    public TransferCounters Transfers { get; } = new();

    /// <summary>Connections closed for this reason.</summary>
    public long Closed(CloseReason reason) => Volatile.Read(ref _closed[(int)reason]);

    /// <summary>Connections closed, whatever the reason.</summary>
    public long ClosedTotal()
    {
        var sum = 0L;
        for (var i = 0; i < ByReason.Capacity; i++)
        {
            sum += Volatile.Read(ref _closed[i]);
        }
        return sum;
    }

    /// <summary>Connections closed that had reached their upstream, by how they were secured.</summary>
    public long Spliced(Security security) => Volatile.Read(ref _spliced[(int)security]);

    public void Open() => _opened++;

    public void Splice(Security security) => _spliced[(int)security]++;

    public void Close(CloseReason reason) => _closed[(int)reason]++;

    /// <summary>One number per kind of security, in place.</summary>
    [InlineArray(Capacity)]
    internal struct BySecurity
    {
        /// <summary>The number of kinds; a test compares it with the enum.</summary>
        public const int Capacity = 4;

        private long _first;
    }

    /// <summary>One number per close reason, in place.</summary>
    [InlineArray(Capacity)]
    internal struct ByReason
    {
        /// <summary>The number of close reasons; a test compares it with the enum.</summary>
        public const int Capacity = 48;

        private long _first;
    }
}
