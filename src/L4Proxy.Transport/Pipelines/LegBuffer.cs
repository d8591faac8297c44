using System.Buffers;

namespace L4Proxy.Transport.Pipelines;

/// <summary>
/// Memory that one side of a pipe holds while it has bytes. On the loop it is one of the loop's own buffers; the loop's pool takes no
/// locks, so what is asked for on another thread, or is larger than a loop's buffer, comes from the shared pool of the runtime.
/// </summary>
internal struct LegBuffer
{
    private bool _ofLoop;

    /// <summary>Null while nothing is held.</summary>
    public byte[]? Array { get; private set; }

    public readonly int Length => Array?.Length ?? 0;

    public static LegBuffer Rent(EventLoop loop, int atLeast)
    {
        var ofLoop = loop.IsCurrent && atLeast <= loop.Settings.BufferSize;
        return new LegBuffer
        {
            Array = ofLoop ? loop.Buffers.Rent() : ArrayPool<byte>.Shared.Rent(Math.Max(atLeast, loop.Settings.BufferSize)),
            _ofLoop = ofLoop,
        };
    }

    /// <summary>Gives the memory back, once; on another thread the loop's own travel home as a posted piece of work.</summary>
    public void Return(EventLoop loop)
    {
        if (Array is not { } array)
        {
            return;
        }
        Array = null;
        if (!_ofLoop)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
        else if (loop.IsCurrent)
        {
            loop.Buffers.Return(array);
        }
        else
        {
            PostHome(loop, array);
        }
    }

    // Apart, so that the closure is made only here.
    private static void PostHome(EventLoop loop, byte[] array) => loop.Post(_ => loop.Buffers.Return(array), null);
}
