using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L4Proxy.Core.Connections;

namespace L4Proxy.Telemetry;

/// <summary>
/// What one event loop counted in one direction. Written by the loop's thread alone, with plain additions and no lock; any other
/// thread may read and sees each number whole, but not all of them at one instant.
/// </summary>
/// <remarks>
/// The layout keeps 64 bytes (one cache line) free at both ends, so that two loops whose counters happen to lie side by side on the
/// heap do not take the line from each other at every byte moved.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 64 + 40 + (8 * ByReason.Capacity) + 64)]
internal sealed class ConnectionCounters
{
    [FieldOffset(64)] private long _opened;
    [FieldOffset(72)] private long _bytesToUpstream;
    [FieldOffset(80)] private long _bytesToDownstream;
    [FieldOffset(88)] private long _splicedBytes;
    [FieldOffset(96)] private long _halfClosed;
    [FieldOffset(104)] private ByReason _closed;

    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Bytes upstream kernels accepted from us, counted as they flow and not at the end.</summary>
    public long BytesToUpstream => Volatile.Read(ref _bytesToUpstream);

    /// <summary>Bytes downstream kernels accepted from us, counted as they flow and not at the end.</summary>
    public long BytesToDownstream => Volatile.Read(ref _bytesToDownstream);

    /// <summary>The part of the bytes of both flows that went through a kernel pipe.</summary>
    public long SplicedBytes => Volatile.Read(ref _splicedBytes);

    /// <summary>How many connections have had the end of one flow and not yet of the other: a number that goes down again.</summary>
    public long HalfClosed => Volatile.Read(ref _halfClosed);

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

    public void Open() => _opened++;

    public void Close(CloseReason reason) => _closed[(int)reason]++;

    public void ToUpstream(long bytes) => _bytesToUpstream += bytes;

    public void ToDownstream(long bytes) => _bytesToDownstream += bytes;

    public void Spliced(long bytes) => _splicedBytes += bytes;

    public void EnterHalfClosed() => _halfClosed++;

    public void LeaveHalfClosed() => _halfClosed--;

    /// <summary>One number per close reason, in place: an array object could end up beside another loop's.</summary>
    [InlineArray(Capacity)]
    internal struct ByReason
    {
        /// <summary>The number of close reasons; a test compares it with the enum.</summary>
        public const int Capacity = 18;

        private long _first;
    }
}
