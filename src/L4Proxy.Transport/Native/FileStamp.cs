using System.Runtime.InteropServices;
using System.Text;

namespace L4Proxy.Transport.Native;

/// <summary>What the kernel knows of a file without reading it. As long as it is the same, so is the content, save for writes within one tick of its clock.</summary>
/// <param name="Device">Number of the file system.</param>
/// <param name="Inode">Within it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When content changed, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Changed">When content or attributes changed; unlike <paramref name="Modified"/> nobody can set it back.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct FileStamp(ulong Device, ulong Inode, ulong Size, long Modified, long Changed, FileKind Kind)
{
    /// <summary>Looks at a path, through links. Null when there is nothing to look at; whoever opens it is told why.</summary>
    public static FileStamp? Of(string path) => Statx.TryRead(Encoding.UTF8.GetBytes(path + '\0'), out var stamp) ? stamp : null;
}

public enum FileKind
{
    Other,
    File,
    Directory,
}

/// <summary>statx(2), which unlike stat(2) has one layout on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal unsafe partial struct Statx
{
    private const int AtWorkingDirectory = -100;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int TypeFile = 0x8000;
    private const int TypeDirectory = 0x4000;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    [FieldOffset(40)]
    private readonly ulong _size;

    [FieldOffset(96)]
    private readonly long _changedSeconds;

    [FieldOffset(104)]
    private readonly uint _changedNanoseconds;

    [FieldOffset(112)]
    private readonly long _modifiedSeconds;

    [FieldOffset(120)]
    private readonly uint _modifiedNanoseconds;

    [FieldOffset(136)]
    private readonly uint _deviceMajor;

    [FieldOffset(140)]
    private readonly uint _deviceMinor;

    public static bool TryRead(ReadOnlySpan<byte> path, out FileStamp stamp)
    {
        Statx found;
        if (Look(AtWorkingDirectory, path, 0, BasicStats, &found) != 0)
        {
            stamp = default;
            return false;
        }
        stamp = new FileStamp(
            ((ulong)found._deviceMajor << 32) | found._deviceMinor, found._inode, found._size,
            Nanoseconds(found._modifiedSeconds, found._modifiedNanoseconds), Nanoseconds(found._changedSeconds, found._changedNanoseconds),
            (found._mode & TypeMask) switch { TypeFile => FileKind.File, TypeDirectory => FileKind.Directory, _ => FileKind.Other });
        return true;
    }

    private static long Nanoseconds(long seconds, uint nanoseconds) => unchecked(seconds * 1_000_000_000 + nanoseconds);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Look(int directory, ReadOnlySpan<byte> path, int flags, uint mask, Statx* found);
}
