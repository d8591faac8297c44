namespace L4Proxy.Egress;

/// <summary>The file on disk, and the promise that nothing is overwritten in it but what we wrote ourselves.</summary>
internal sealed class EgressFile(string path)
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly string _path = Path.GetFullPath(path);
    private byte[]? _written;
    private (DateTime, long) _stamp;

    public string Name => path;

    /// <returns>Null: there is none, or an empty one.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[]? Read()
    {
        try
        {
            var bytes = File.ReadAllBytes(_path);
            (_written, _stamp) = (bytes, Stamp());
            return bytes.AsSpan().Trim(" \r\n\t"u8).IsEmpty ? null : bytes;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception unreadable) when (unreadable is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new IOException(unreadable.Message, unreadable);
        }
    }

    /// <summary>Replaces the file at once: whoever reads it sees the old one or the new one.</summary>
    /// <returns>False: somebody else has written it, so it is left alone.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public bool TryReplace(byte[] content)
    {
        if (!IsOurs())
        {
            return false;
        }
        var beside = $"{_path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(beside, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Mode, PreallocationSize = content.Length,
            }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            // The umask has had its say at the creation; a group that may read the log may read this.
            File.SetUnixFileMode(beside, Mode);
            File.Move(beside, _path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TryDelete(beside);
            throw failure as IOException ?? new IOException(failure.Message, failure);
        }
        (_written, _stamp) = (content, Stamp());
        return true;
    }

    /// <summary>It is as we left it, or it is not there.</summary>
    private bool IsOurs()
    {
        var stamp = Stamp();
        if (stamp == default || stamp == _stamp)
        {
            return true;
        }
        try
        {
            var bytes = File.ReadAllBytes(_path).AsSpan();
            return bytes.Trim(" \r\n\t"u8).IsEmpty || bytes.SequenceEqual(_written);
        }
        catch (FileNotFoundException)
        {
            return true;
        }
    }

    /// <summary>Tells a file that is as it was from one that must be read to know; default where there is none.</summary>
    private (DateTime, long) Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What stopped the writing stops this too; the next attempt overwrites it.
        }
    }
}
