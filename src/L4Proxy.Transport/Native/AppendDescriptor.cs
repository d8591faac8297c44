using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace L4Proxy.Transport.Native;

/// <summary>
/// A descriptor that is only ever appended to: a log. The runtime's file streams do not set O_APPEND (they write at an offset they
/// remember, and overwrite what another writer added), hide a broken pipe on the console, and block for ever in opening a FIFO.
/// </summary>
public sealed partial class AppendDescriptor : IDisposable
{
    public const int Interrupted = 4;     // EINTR
    public const int NoDevice = 6;        // ENXIO
    public const int WouldBlock = 11;     // EAGAIN

    // asm-generic/fcntl.h; the same on x64 and arm64.
    private const int WriteOnly = 0x1;
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // rw-r-----: who reads logs is in the group; nobody else needs to know who talks to whom.
    private const uint Mode = 0b110_100_000;
    private const short PollOut = 0x4;

    private readonly SafeFileHandle _handle;

    private AppendDescriptor(SafeFileHandle handle) => _handle = handle;

    /// <summary>
    /// Opens a log. <c>/dev/stdout</c> and <c>/dev/stderr</c> mean the descriptor the process was given: opening those paths anew
    /// fails when it is a socket or belongs to another user. A FIFO that nobody reads yet is opened all the same.
    /// </summary>
    /// <returns>The log, or null and the error number.</returns>
    public static AppendDescriptor? Open(string path, out int errno)
    {
        errno = 0;
        var standard = path switch { "/dev/stdout" => 1, "/dev/stderr" => 2, _ => -1 };
        if (standard >= 0)
        {
            return new(new SafeFileHandle(standard, ownsHandle: false));
        }
        var descriptor = Open(path, WriteOnly, out errno);
        if (errno == NoDevice)
        {
            // fifo(7): opening for writing fails without a reader, opening for both does not.
            descriptor = Open(path, ReadWrite, out errno);
        }
        return errno == 0 ? new(new SafeFileHandle(descriptor, ownsHandle: true)) : null;
    }

    /// <summary>
    /// Writes as much as the kernel takes. May block for as long as it likes on the
    /// standard descriptors, never on others.
    /// </summary>
    /// <param name="bytes">What to append.</param>
    /// <param name="written">How much was taken; may be less than all.</param>
    /// <returns>0, or the error number.</returns>
    public int Write(ReadOnlySpan<byte> bytes, out int written)
    {
        var result = write(_handle, bytes, (nuint)bytes.Length);
        written = (int)Math.Max(result, 0);
        return result < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Waits until there may be room again.</summary>
    /// <param name="milliseconds">How long at most.</param>
    public void WaitForRoom(int milliseconds)
    {
        var added = false;
        _handle.DangerousAddRef(ref added);
        var entry = new PollEntry { Descriptor = (int)_handle.DangerousGetHandle(), Events = PollOut };
        _ = poll(ref entry, 1, milliseconds);
        _handle.DangerousRelease();
    }

    public void Dispose() => _handle.Dispose();

    private static int Open(string path, int access, out int errno)
    {
        var terminated = Encoding.UTF8.GetBytes(path + '\0');
        var descriptor = open(terminated, access | Create | Append | NonBlocking | CloseOnExec, Mode);
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref PollEntry entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
