using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Transport.Native;

namespace L4Proxy.Resources;

/// <summary>A file on disk, found and not yet read.</summary>
/// <param name="Name">As the operator names it: within the directory.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Stamp">Null when it cannot be looked at.</param>
internal readonly record struct FoundFile(string Name, string Path, FileStamp? Stamp);

/// <summary>The bytes of one file, or the one reason why there are none.</summary>
/// <param name="Hash">Of the bytes, or of the reason.</param>
internal readonly record struct FileContent(byte[]? Bytes, ContentHash Hash, ConfigurationError? Error)
{
    /// <summary>Some ten thousand resources; reading more than this in one piece would cost the memory of all connections.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    public static FileContent Read(FoundFile file)
    {
        if (file.Stamp is { Kind: not FileKind.File } other)
        {
            // Opening a pipe would wait for a writer for ever.
            return Unreadable(file, other.Kind == FileKind.Directory ? "is a directory; name the file in it" : "is not a regular file; remove it");
        }
        try
        {
            using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (stream.Length > MaxBytes)
            {
                return TooLarge(file);
            }
            // One more than it should have, to see that it has not grown.
            var buffer = new byte[(int)stream.Length + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length == buffer.Length)
            {
                return Unreadable(file, "grew while it was read; it is read again in a moment");
            }
            var bytes = buffer.AsSpan(0, length);
            return new(bytes.ToArray(), ContentHash.Of(bytes), null);
        }
        catch (Exception error) when (FileProblem.Of(error, "does not exist; name an existing file, or remove the link that leads there") is { } problem)
        {
            return Unreadable(file, problem);
        }
    }

    private static FileContent TooLarge(FoundFile file) => Unreadable(file, "is larger than 8 MiB; split it into several files");

    private static FileContent Unreadable(FoundFile file, string message) =>
        new(null, ContentHash.Of($"{file.Name}\0{message}"), new ConfigurationError(file.Name, 0, 0, "", message));
}

/// <summary>A file as it was read, and what became of it.</summary>
/// <param name="IsSettled">Whether its stamp was old enough when it was read that no later write can have the same.</param>
internal sealed record ReadFile(
    FoundFile Found, bool IsSettled, ContentHash Hash, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ResourcePart> Parts);
