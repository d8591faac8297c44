using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>Resources that somebody holds in hand: judged as files are, and in no file of ours.</summary>
internal static class ResourceTexts
{
    /// <param name="files">Name and content of every file.</param>
    /// <param name="workload">Whose proxy would read them.</param>
    public static ResourceSet Read(IEnumerable<(string Name, string Text)> files, LocalWorkload workload)
    {
        var reader = new PartReader(workload);
        return ResourceJudge.Judge(
            new ResourceLoad(default, [], [.. files.Select(file => Read(file.Name, file.Text, reader))], FilesRead: 0, PartsRead: 0), workload);
    }

    private static ReadFile Read(string name, string text, PartReader reader)
    {
        var found = new FoundFile(name, name, Stamp: null);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return new ReadFile(found, IsSettled: false, default, [new(name, 0, 0, "", "a NUL byte is not text; is this another kind of file?")], []);
        }
        return new ReadFile(found, IsSettled: false, default, [],
        [
            .. DocumentSplit.Of(text).Select(document => reader.Read(text[document.Text], default, name, document.LinesBefore)),
        ]);
    }
}
