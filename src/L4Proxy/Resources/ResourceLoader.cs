using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>
/// Reads the files of <c>mesh.resources</c>, remembering what it read: an update costs what changed. One call at a time.
/// </summary>
/// <param name="path">A file or a directory.</param>
/// <param name="workload">Whose proxy reads them.</param>
/// <param name="time">Tells whether a file was written just now.</param>
internal sealed class ResourceLoader(string path, LocalWorkload workload, TimeProvider time)
{
    /// <summary>The kernel stamps files by a clock that ticks some hundred times a second: a younger stamp may yet be given to another content.</summary>
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(1);

    /// <summary>A directory that changes while it is read is read again, so that half of a swap is not taken for all of it; not for ever.</summary>
    private const int MaxAttempts = 4;

    private readonly PartReader _reader = new(workload);
    private Dictionary<string, ReadFile> _files = new(StringComparer.Ordinal);

    /// <param name="readEverything">Whether to compare contents even where nothing seems to have been written.</param>
    public ResourceLoad Load(bool readEverything)
    {
        var folder = ResourceFolder.Look(path);
        for (var attempt = 1; ; attempt++)
        {
            var load = Load(folder, readEverything);
            var after = ResourceFolder.Look(path);
            if (attempt == MaxAttempts || after.IsSameAs(folder))
            {
                return load;
            }
            folder = after;
        }
    }

    private ResourceLoad Load(ResourceFolder folder, bool readEverything)
    {
        var before = _files;
        // Parts by content, for those that moved to another place or file.
        var known = new Lazy<Dictionary<ContentHash, ResourcePart>>(() => Parts(before));
        var files = new ReadFile[folder.Files.Count];
        int filesRead = 0, partsRead = 0;
        Parallel.For(0, files.Length, index =>
        {
            var found = folder.Files[index];
            var last = before.GetValueOrDefault(found.Name);
            if (!readEverything && last is { IsSettled: true } && last.Found == found)
            {
                files[index] = last;
                return;
            }
            Interlocked.Increment(ref filesRead);
            var isSettled = found.Stamp is { } stamp
                && stamp.Changed < (time.GetUtcNow() - _settling - DateTimeOffset.UnixEpoch).TotalNanoseconds;
            var content = FileContent.Read(found);
            files[index] = last is not null && last.Hash == content.Hash
                ? last with { Found = found, IsSettled = isSettled }
                : Read(found, isSettled, content, known, ref partsRead);
        });
        _files = files.ToDictionary(file => file.Found.Name, StringComparer.Ordinal);
        return new ResourceLoad(Fingerprint(folder, files), [.. folder.Errors], [.. files], filesRead, partsRead);
    }

    private ReadFile Read(
        FoundFile found, bool isSettled, FileContent content, Lazy<Dictionary<ContentHash, ResourcePart>> known, ref int partsRead)
    {
        var error = content.Error;
        var text = error is null ? Utf8Text.Decode(content.Bytes, found.Name, out error) : null;
        if (text?.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var nul)
        {
            error = new(found.Name, text.AsSpan(0, nul).Count('\n') + 1, nul - text.AsSpan(0, nul).LastIndexOf('\n'), "",
                "a NUL byte is not text; is this another kind of file? Remove it, or save it as UTF-8");
        }
        if (error is not null)
        {
            return new ReadFile(found, isSettled, content.Hash, [error], []);
        }
        var documents = DocumentSplit.Of(text!);
        var parts = new ResourcePart[documents.Count];
        var read = 0;
        Parallel.For(0, parts.Length, index =>
        {
            var (range, linesBefore) = documents[index];
            var hash = ContentHash.Of(text!.AsSpan(range));
            if (known.Value.TryGetValue(hash, out var part))
            {
                parts[index] = part.MoveTo(found.Name, linesBefore);
                return;
            }
            Interlocked.Increment(ref read);
            parts[index] = _reader.Read(text![range], hash, found.Name, linesBefore);
        });
        Interlocked.Add(ref partsRead, read);
        return new ReadFile(found, isSettled, content.Hash, [], [.. parts]);
    }

    private static Dictionary<ContentHash, ResourcePart> Parts(Dictionary<string, ReadFile> files)
    {
        var parts = new Dictionary<ContentHash, ResourcePart>();
        foreach (var part in files.Values.SelectMany(file => file.Parts).Where(part => part.Errors.IsEmpty))
        {
            parts.TryAdd(part.Hash, part);
        }
        return parts;
    }

    /// <summary>Of everything that was read and everything that could not be.</summary>
    private static ContentHash Fingerprint(ResourceFolder folder, ReadFile[] files) => ContentHash.Of(string.Concat(
        files.Select(file => $"{file.Found.Name}\0{file.Hash.First:x}{file.Hash.Second:x}\0").Concat(folder.Errors.Select(error => $"{error}\0"))));
}

/// <summary>What one look found.</summary>
/// <param name="Fingerprint">Equal for equal contents, so that they need not be judged twice.</param>
/// <param name="FilesRead">Of which the content was read from disk.</param>
/// <param name="PartsRead">Documents that had to be parsed.</param>
internal sealed record ResourceLoad(
    ContentHash Fingerprint, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ReadFile> Files, int FilesRead, int PartsRead);
