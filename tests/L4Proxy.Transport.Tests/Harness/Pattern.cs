using System.Diagnostics.CodeAnalysis;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>
/// Bytes that know their place: a repeated random block whose length is a prime, so that a piece lost, doubled or moved by any
/// power of two no longer fits.
/// </summary>
internal static class Pattern
{
    private const int Period = 65_521;

    [SuppressMessage("Security", "CA5394", Justification = "a fixed sequence is the point")]
    private static readonly byte[] _block = MakeBlock();

    /// <summary>A chunk as long as any test sends or takes at once.</summary>
    public const int MaxChunk = 256 * 1024;

    /// <summary>The bytes of a stream from <paramref name="position"/> on.</summary>
    public static ReadOnlyMemory<byte> At(long position, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxChunk);
        return _block.AsMemory((int)(position % Period), length);
    }

    public static bool Fits(ReadOnlySpan<byte> bytes, long position) => bytes.SequenceEqual(At(position, bytes.Length).Span);

    [SuppressMessage("Security", "CA5394", Justification = "a fixed sequence is the point")]
    private static byte[] MakeBlock()
    {
        var block = new byte[Period + MaxChunk];
        new Random(20_26).NextBytes(block.AsSpan(0, Period));
        for (var i = Period; i < block.Length; i++)
        {
            block[i] = block[i - Period];
        }
        return block;
    }
}
