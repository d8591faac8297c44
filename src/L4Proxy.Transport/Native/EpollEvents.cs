using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace L4Proxy.Transport.Native;

/// <summary>
/// An array of struct epoll_event in native memory. The kernel packs the struct on x64 only (12 bytes, data at 4) so that 32-bit
/// programs see the same layout; on every other architecture it has natural alignment (16 bytes, data at 8).
/// </summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    private static readonly int _size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int _dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    public EpollEvents(int capacity)
    {
        Capacity = capacity;
        Pointer = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * _size));
    }

    public int Capacity { get; }
    public byte* Pointer { get; private set; }

    public uint Mask(int index) => Unsafe.ReadUnaligned<uint>(Pointer + (index * _size));

    public ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(Pointer + (index * _size) + _dataOffset);

    /// <summary>Registers a descriptor, once and for all its life.</summary>
    public static Errno Add(int epoll, int descriptor, uint mask, ulong data)
    {
        var buffer = stackalloc byte[16];
        Unsafe.WriteUnaligned(buffer, mask);
        Unsafe.WriteUnaligned(buffer + _dataOffset, data);
        return Libc.EpollControl(epoll, Constants.EPOLL_CTL_ADD, descriptor, buffer) == 0
            ? Errno.None
            : (Errno)Marshal.GetLastPInvokeError();
    }

    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
