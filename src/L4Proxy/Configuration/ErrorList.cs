using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration;

/// <summary>Collects what is wrong with one file, so that all of it can be said at once.</summary>
/// <param name="file">The file as the person named it.</param>
internal sealed class ErrorList(string file)
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public string File => file;

    public int Count => _errors.Count;

    public void Add(Position? position, string path, string message)
    {
        _errors.Add(new ConfigurationError(file, position?.Line ?? 0, position?.Column ?? 0, path, message));
        _paths.Add(path);
    }

    /// <summary>Whether this key was already found wrong: rules that look at its value would only repeat it in other words.</summary>
    public bool Has(string path) => _paths.Contains(path);

    /// <summary>A place in the file as a person (and an editor) reads it.</summary>
    public string Place(Position position) => $"{file}:{position.Line}:{position.Column}";

    /// <summary>All of them, top of the file first.</summary>
    public IReadOnlyList<ConfigurationError> Sorted() => [.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
