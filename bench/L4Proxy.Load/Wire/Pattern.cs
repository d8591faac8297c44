namespace L4Proxy.Load.Wire;

/// <summary>The bytes every bulk stream carries: pseudo-random, and a function of the position, so that both ends can check them.</summary>
internal static class Pattern
{
    /// <summary>Bytes per send and per read: 256 KiB, large enough that system calls at the generator do not count.</summary>
    internal const int ChunkSize = 256 * 1024;

    // A prime length: no boundary of the stream falls together with one of a proxy's buffers.
    private const int Period = 262_139;

    private static readonly byte[] s_bytes = Create();

    /// <summary>At most <see cref="ChunkSize"/> bytes that belong at <paramref name="position"/> of the stream.</summary>
    internal static ReadOnlySpan<byte> At(long position, long remaining) =>
        s_bytes.AsSpan((int)(position % Period), (int)Math.Min(ChunkSize, remaining));

    internal static void Check(long position, ReadOnlySpan<byte> received)
    {
        if (!received.SequenceEqual(At(position, received.Length)))
        {
            throw new LoadException($"wrong bytes after byte {position} of a stream: the proxy changed, dropped or reordered something");
        }
    }

    private static byte[] Create()
    {
        var period = new byte[Period];
        new Random(1337).NextBytes(period);
        return [.. period, .. period, .. period.AsSpan(0, 5)];
    }
}
