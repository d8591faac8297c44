using System.Runtime.InteropServices;
using System.Text;

namespace L4Proxy.Transport.Native;

/// <summary>What the runtime's file APIs cannot do to an entry of a directory.</summary>
public static partial class DirectoryEntry
{
    /// <summary>
    /// Puts <paramref name="from"/> in the place of <paramref name="to"/> in one step, also when both are links to directories, which
    /// the runtime refuses to replace.
    /// </summary>
    /// <exception cref="IOException">rename(2) failed; the message says why.</exception>
    public static void Replace(string from, string to) => Check(RenameEntry(Terminated(from), Terminated(to)), to);

    /// <summary>Gives a file, a directory or a link itself to another user. Needs CAP_CHOWN.</summary>
    /// <exception cref="IOException">lchown(2) failed; the message says why.</exception>
    public static void ChangeOwner(string path, uint uid, uint gid) => Check(ChangeOwner(Terminated(path), uid, gid), path);

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static partial int RenameEntry(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static partial int ChangeOwner(ReadOnlySpan<byte> path, uint uid, uint gid);
}
