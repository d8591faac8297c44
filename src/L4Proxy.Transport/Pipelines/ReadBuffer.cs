using System.Buffers;

namespace L4Proxy.Transport.Pipelines;

/// <summary>The bytes that were received and not consumed, in one piece. Holds no memory while there are none.</summary>
internal struct ReadBuffer(EventLoop loop)
{
    private LegBuffer _memory;
    private int _start;
    private int _end;
    private bool _isExamined;

    public readonly int Count => _end - _start;

    /// <summary>Whether there is anything the caller has not looked at yet.</summary>
    public readonly bool HasUnexamined => Count > 0 && !_isExamined;

    public readonly Span<byte> Room => _memory.Array.AsSpan(_end);

    public readonly ReadOnlySequence<byte> Bytes => Count == 0 ? default : new(_memory.Array!, _start, Count);

    /// <summary>
    /// Makes room for at least an eighth of the buffer, so that the rest of a message does not come in crumbs. Bytes are moved only
    /// when that frees more than it copies; else the buffer doubles.
    /// </summary>
    /// <returns>False when the buffer is at its limit and full of bytes nobody consumes.</returns>
    public bool TryMakeRoom(int limit)
    {
        var size = _memory.Length;
        if (size == 0 || (Count > size / 2 && size - _end < size / 8 && size < limit))
        {
            var larger = LegBuffer.Rent(loop, size == 0 ? 1 : Math.Min(size * 2, limit));
            MoveTo(larger.Array!);
            _memory.Return(loop);
            _memory = larger;
        }
        else if (_start > 0 && size - _end < size / 8)
        {
            MoveTo(_memory.Array!);
        }
        return _end < _memory.Length;
    }

    public void Filled(int bytes)
    {
        _end += bytes;
        _isExamined &= bytes == 0;
    }

    /// <exception cref="InvalidOperationException">A position is not of this buffer, or the two are in the wrong order.</exception>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var newStart = IndexOf(consumed);
        var examinedTo = IndexOf(examined);
        if (newStart < _start || newStart > _end || examinedTo < newStart || examinedTo > _end)
        {
            throw new InvalidOperationException("a read advances within its buffer, and examines at least what it consumes");
        }
        _isExamined = examinedTo == _end;
        _start = newStart;
        ReleaseIfEmpty();
    }

    public void ReleaseIfEmpty()
    {
        if (Count == 0)
        {
            Release();
        }
    }

    public void Release()
    {
        _start = _end = 0;
        _memory.Return(loop);
    }

    private void MoveTo(byte[] array)
    {
        _memory.Array.AsSpan(_start, Count).CopyTo(array);
        _end -= _start;
        _start = 0;
    }

    private readonly int IndexOf(SequencePosition position)
    {
        if (Count == 0 || position.GetObject() is null)
        {
            return _start;
        }
        return ReferenceEquals(position.GetObject(), _memory.Array)
            ? position.GetInteger()
            : throw new InvalidOperationException("the position is not one of the last read's buffer");
    }
}
