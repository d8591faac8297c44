using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration.Binding;

/// <summary>What the sections of one file share while they are read: the errors, the environment, and where each key stood.</summary>
/// <param name="environment">Looks up a variable for <c>${VAR}</c>; null leaves every dollar as it is.</param>
internal sealed class ConfigurationDocument(ErrorList errors, Func<string, string?>? environment)
{
    private readonly Dictionary<string, Position> _positions = new(StringComparer.Ordinal);

    public ErrorList Errors { get; } = errors;

    /// <summary>What is accepted and probably not what was meant.</summary>
    public ErrorList Warnings { get; } = new(errors.File);

    /// <summary>Where the value of a key was written; null when the key is absent and its default holds.</summary>
    public Position? PositionOf(string path) => _positions.TryGetValue(path, out var position) ? position : null;

    public bool IsWritten(string path) => _positions.ContainsKey(path);

    /// <summary>Whether none of these keys was already found wrong: a rule that looks at one would only repeat it in other words.</summary>
    public bool AreSound(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (Errors.Has(path))
            {
                return false;
            }
        }
        return true;
    }

    /// <param name="at">The key to point at, where it is another one. The top of the file stands for a key that is not written.</param>
    public void Refuse(string path, string message, string? at = null) => Errors.Add(PositionOf(at ?? path) ?? PositionOf(""), path, message);

    public void Place(KeyPath path, YamlValue value)
    {
        // Rules across keys are the configuration's; a thousand resources need not remember where each of their values stood.
        if (environment is not null)
        {
            _positions[path.ToString()] = value.Position;
        }
    }

    /// <summary>A scalar with the environment filled in; null when it is none or has no value (and that is reported).</summary>
    public string? Text(YamlValue value, KeyPath path)
    {
        Place(path, value);
        switch (value)
        {
            case YamlScalar { Quoted: false, Text: "" or "~" or "null" }:
                Errors.Add(value.Position, path.ToString(), "has no value; give it one or remove the key");
                return null;
            case YamlScalar scalar:
                try
                {
                    return environment is null ? scalar.Text : EnvironmentExpansion.Expand(scalar.Text, environment);
                }
                catch (FormatException error)
                {
                    Errors.Add(value.Position, path.ToString(), error.Message);
                    return null;
                }
            case YamlRefused:
                return null;
            default:
                var what = value is YamlMap ? "mapping" : "list";
                Errors.Add(value.Position, path.ToString(), $"is a {what} where a single value belongs; write one value");
                return null;
        }
    }

    /// <summary>
    /// Reads a scalar with one of the parsers of <see cref="ScalarText"/>; what cannot be read is reported and becomes the fallback.
    /// </summary>
    public T Parse<T>(YamlValue value, KeyPath path, T fallback, Func<string, T> parse)
    {
        if (Text(value, path) is not { } text)
        {
            return fallback;
        }
        try
        {
            return parse(text);
        }
        catch (FormatException error)
        {
            Errors.Add(value.Position, path.ToString(), error.Message);
            return fallback;
        }
    }
}
