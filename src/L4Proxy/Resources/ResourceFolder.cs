using L4Proxy.Configuration;
using L4Proxy.Transport.Native;

namespace L4Proxy.Resources;

/// <summary>Which files the resources are in, right now.</summary>
/// <param name="Files">Sorted by name.</param>
/// <param name="Errors">Why there may be more.</param>
internal sealed record ResourceFolder(IReadOnlyList<FoundFile> Files, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>Far deeper than anybody sorts policies; a link to a directory above it would go on for ever.</summary>
    private const int MaxDepth = 8;

    private const int MaxFiles = 20_000;

    /// <summary>Follows links; leaves out what begins with a dot, as Kubernetes' <c>..data</c> and editors' copies do.</summary>
    /// <param name="path">A file, or a directory whose *.yaml and *.yml are meant, and those of directories in it.</param>
    public static ResourceFolder Look(string path)
    {
        var files = new List<FoundFile>();
        var errors = new List<ConfigurationError>();
        switch (FileStamp.Of(path))
        {
            case null:
                errors.Add(new(path, 0, 0, "", "does not exist; make the directory (it may be empty), or name another in mesh.resources"));
                break;
            case { Kind: FileKind.Directory }:
                Walk(path, "", 0, files, errors);
                break;
            case var stamp:
                files.Add(new FoundFile(path, path, stamp));
                break;
        }
        if (files.Count > MaxFiles)
        {
            errors.Add(new(path, 0, 0, "", $"has {files.Count} files with resources; at most {MaxFiles} are read, put several resources into one file"));
            files.Clear();
        }
        files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return new ResourceFolder(files, errors);
    }

    /// <summary>Whether nothing was written, added or removed from one look to the other.</summary>
    public bool IsSameAs(ResourceFolder other) => Files.SequenceEqual(other.Files);

    private static void Walk(string directory, string prefix, int depth, List<FoundFile> files, List<ConfigurationError> errors)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory))
            {
                var name = Path.GetFileName(path);
                if (name.StartsWith('.'))
                {
                    continue;
                }
                var isYaml = name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal);
                var stamp = FileStamp.Of(path);
                if (stamp is { Kind: FileKind.Directory } && depth < MaxDepth)
                {
                    Walk(path, $"{prefix}{name}/", depth + 1, files, errors);
                }
                else if (stamp is { Kind: FileKind.Directory })
                {
                    errors.Add(new(prefix + name, 0, 0, "", $"lies more than {MaxDepth} directories deep; is it a link to a directory above it? Move or remove it"));
                }
                else if (isYaml)
                {
                    files.Add(new FoundFile(prefix + name, path, stamp));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(prefix.Length == 0 ? directory : prefix, 0, 0, "", $"cannot be read: {error.Message}; make it readable for the user the proxy runs as"));
        }
    }
}
