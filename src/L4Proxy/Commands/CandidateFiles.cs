using L4Proxy.Admin;
using L4Proxy.Configuration;
using L4Proxy.Resources;

namespace L4Proxy.Commands;

/// <summary>Resource files as they are sent to a running proxy: those that it would read itself.</summary>
internal static class CandidateFiles
{
    /// <param name="path">A file, or a directory of files.</param>
    /// <param name="errors">Why there is a file that cannot be sent.</param>
    public static IReadOnlyList<CandidateFile> Read(string path, out IReadOnlyList<ConfigurationError> errors)
    {
        var folder = ResourceFolder.Look(path);
        List<ConfigurationError> wrong = [.. folder.Errors];
        var files = new List<CandidateFile>();
        foreach (var found in folder.Files)
        {
            var content = FileContent.Read(found);
            var error = content.Error;
            if (error is null && Utf8Text.Decode(content.Bytes, found.Name, out error) is { } text)
            {
                files.Add(new(found.Name, text));
            }
            if (error is not null)
            {
                wrong.Add(error);
            }
        }
        errors = wrong;
        return files;
    }
}
