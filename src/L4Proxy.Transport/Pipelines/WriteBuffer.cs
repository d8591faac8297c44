namespace L4Proxy.Transport.Pipelines;

/// <summary>The bytes that were written and the kernel has not taken, in one piece. Holds no memory once there are none.</summary>
internal struct WriteBuffer(EventLoop loop)
{
    private LegBuffer _memory;
    private int _start;
    private int _end;

    public readonly int Count => _end - _start;

    public readonly ReadOnlySpan<byte> Bytes => _memory.Array.AsSpan(_start, Count);

    /// <summary>Where the next bytes go: at least <paramref name="bytes"/> long.</summary>
    public Memory<byte> Reserve(int bytes)
    {
        if (_memory.Length - _end < bytes)
        {
            var larger = LegBuffer.Rent(loop, Count == 0 ? bytes : checked(Count + Math.Max(bytes, Count)));
            Bytes.CopyTo(larger.Array);
            _memory.Return(loop);
            _memory = larger;
            _end -= _start;
            _start = 0;
        }
        return _memory.Array.AsMemory(_end);
    }

    public void Written(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _memory.Length - _end);
        _end += bytes;
    }

    public void Append(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            bytes.CopyTo(Reserve(bytes.Length));
            _end += bytes.Length;
        }
    }

    public void Sent(int bytes) => _start += bytes;

    public void Release()
    {
        _start = _end = 0;
        _memory.Return(loop);
    }
}
