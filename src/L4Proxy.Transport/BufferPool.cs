namespace L4Proxy.Transport;

/// <summary>
/// Buffers for bytes that were read and could not be sent at once. One loop's own, so no locks; a handful is kept for reuse and
/// the rest is left to the collector, so memory falls again after a spike of slow readers.
/// </summary>
internal sealed class BufferPool(int size)
{
    private const int Kept = 32;

    private readonly Stack<byte[]> _free = new();

    /// <summary>Buffers out on loan; 0 when every connection of the loop has ended.</summary>
    public int Rented { get; private set; }

    public byte[] Rent()
    {
        Rented++;
        return _free.TryPop(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(size);
    }

    public void Return(byte[] buffer)
    {
        Rented--;
        if (_free.Count < Kept)
        {
            _free.Push(buffer);
        }
    }
}
