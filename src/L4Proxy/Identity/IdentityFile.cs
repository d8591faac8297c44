using L4Proxy.Configuration;

namespace L4Proxy.Identity;

/// <summary>The bytes of one file, or the one reason why there are none.</summary>
/// <param name="Key">Which key of the configuration names it.</param>
/// <param name="Bytes">Null when it could not be read.</param>
/// <param name="Problem">Null when it could.</param>
internal sealed record IdentityFile(string Key, string Path, byte[]? Bytes, string? Problem)
{
    /// <summary>A chain is a few KiB, a bundle of many roots some hundred; whatever is bigger is another file and must not be read into memory.</summary>
    private const int MaxBytes = 1024 * 1024;

    public static IdentityFile Read(string key, string path)
    {
        if (Directory.Exists(path))
        {
            return Unreadable(key, path, "is a directory; name the file in it");
        }
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? Unreadable(key, path, "is larger than 1 MiB, so it is probably another file; name the PEM file")
                : new IdentityFile(key, path, buffer[..length], Problem: null);
        }
        catch (Exception error) when (FileProblem.Of(error, "does not exist; mount it there, or name the right file") is { } problem)
        {
            return Unreadable(key, path, problem);
        }
    }

    /// <exception cref="IdentityException">It could not be read.</exception>
    public byte[] Content => Bytes ?? throw Refuse(Problem!);

    /// <summary>An error about this file.</summary>
    /// <param name="message">What is wrong; what would do.</param>
    /// <param name="line">From 1; 0 when no line is meant.</param>
    public IdentityException Refuse(string message, int line = 0) =>
        new(line == 0 ? $"{Key}: {Path} {message}" : $"{Key}: {Path}:{line}: {message}");

    private static IdentityFile Unreadable(string key, string path, string problem) => new(key, path, Bytes: null, problem);
}
