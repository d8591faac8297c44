namespace L4Proxy.Core.Routing;

/// <summary>
/// Multiples of the golden ratio modulo one: of all sequences of the form n·α the one that fills every interval most evenly at every length
/// (Weyl 1916). A split made by it is as exact after a hundred connections as one by chance after thousands, with nothing to remember but n.
/// </summary>
internal static class LowDiscrepancy
{
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Half a step: an interval at the very beginning would otherwise always be served first.</summary>
    private const ulong Start = 0x8000_0000_0000_0000;

    /// <returns>From 0 to below <paramref name="total"/>.</returns>
    public static long Position(uint turn, long total) => (long)Math.BigMul(Start + (turn * GoldenRatio), (ulong)total, out _);
}
