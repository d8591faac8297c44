using L4Proxy.Transport.Native;

namespace L4Proxy.Pki;

/// <summary>Files written so that nobody ever reads half of one.</summary>
internal static class PkiFile
{
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The mode is there before the first byte, whatever the umask.</summary>
    public static void Write(string path, string text, UnixFileMode mode)
    {
        using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            File.SetUnixFileMode(file.SafeFileHandle, mode);
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }

    public static void Replace(string path, string text, UnixFileMode mode)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        Write(fresh, text, mode);
        DirectoryEntry.Replace(fresh, path);
    }
}
