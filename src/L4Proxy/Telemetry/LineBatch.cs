namespace L4Proxy.Telemetry;

/// <summary>Whole lines that will be written with one call.</summary>
internal sealed class LineBatch
{
    /// <summary>64 KiB: what a pipe holds by default (pipe(7)), and below the size at which arrays move to the large object heap.</summary>
    public const int Capacity = 64 * 1024;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity);

    public int Length { get; private set; }

    public bool IsEmpty => Length == 0;

    /// <summary>When it must be written at the latest, in ticks of the monotonic clock in milliseconds.</summary>
    public long DueAt { get; set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public bool Fits(int bytes) => Length + bytes <= Capacity;

    public void Add(ReadOnlySpan<byte> line)
    {
        line.CopyTo(_bytes.AsSpan(Length));
        Length += line.Length;
    }

    public void Clear() => Length = 0;
}
