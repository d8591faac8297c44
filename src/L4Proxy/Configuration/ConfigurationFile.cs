using System.Security.Cryptography;

namespace L4Proxy.Configuration;

/// <summary>The content of a configuration file, or the one reason why it has none.</summary>
/// <param name="Text">Null when it could not be read.</param>
/// <param name="Fingerprint">SHA-256 of the bytes in hex; null when they could not be read.</param>
internal sealed record ConfigurationFile(string Path, string? Text, string? Fingerprint, ConfigurationError? Error)
{
    /// <summary>
    /// Far more than a person writes; a bigger one is the wrong file, and reading it must not cost the memory of all connections.
    /// </summary>
    private const int MaxBytes = 1024 * 1024;

    public static ConfigurationFile Read(string path)
    {
        if (Directory.Exists(path))
        {
            return Unreadable(path, "is a directory; name the file in it");
        }
        try
        {
            using var stream = File.OpenRead(path);
            var buffer = new MemoryStream();
            var chunk = new byte[16 * 1024];
            // Length is no help: a pipe and /dev/zero have none.
            for (int read; buffer.Length <= MaxBytes && (read = stream.Read(chunk)) > 0;)
            {
                buffer.Write(chunk, 0, read);
            }
            return buffer.Length > MaxBytes
                ? Unreadable(path, "is larger than 1 MiB; a configuration is a few KiB, so this is probably another file")
                : Decode(path, buffer.ToArray());
        }
        catch (Exception error) when (FileProblem.Of(error, "does not exist; name an existing file") is { } problem)
        {
            return Unreadable(path, problem);
        }
    }

    private static ConfigurationFile Decode(string path, byte[] bytes)
    {
        var text = Utf8Text.Decode(bytes, path, out var error);
        return new ConfigurationFile(path, text, Convert.ToHexStringLower(SHA256.HashData(bytes)), error);
    }

    private static ConfigurationFile Unreadable(string path, string message) =>
        new(path, Text: null, Fingerprint: null, new ConfigurationError(path, 0, 0, "", message));
}
