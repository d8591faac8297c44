namespace L4Proxy.Names;

/// <summary>A small file, read again when its size or time has changed. Thread-safe.</summary>
/// <param name="path">It need not exist.</param>
/// <param name="parse">Makes something of its text; of the empty text where it cannot be read.</param>
internal sealed class ReadFile<T>(string path, Func<string, T> parse) where T : class
{
    /// <summary>Neither file has a limit of its own; what is longer is cut, and its last line with it.</summary>
    private const int MaxBytes = 1024 * 1024;

    private volatile Reading? _last;

    public T Content
    {
        get
        {
            var file = new FileInfo(path);
            var stamp = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (_last is { } last && last.Stamp == stamp)
            {
                return last.Content;
            }
            var content = parse(Text());
            _last = new Reading(stamp, content);
            return content;
        }
    }

    private string Text()
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Min(stream.Length, MaxBytes)];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = System.Text.Encoding.Latin1.GetString(bytes, 0, length);
            return length < MaxBytes ? text : text[..(text.LastIndexOf('\n') + 1)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private sealed record Reading((DateTime Time, long Length) Stamp, T Content);
}
