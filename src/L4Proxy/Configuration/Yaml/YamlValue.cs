namespace L4Proxy.Configuration.Yaml;

/// <summary>A place in the file, both numbers from 1.</summary>
internal readonly record struct Position(int Line, int Column);

/// <summary>A node of the document, with its place. A closed family of four.</summary>
internal abstract record YamlValue(Position Position);

/// <param name="Text">What was written, before the environment is filled in.</param>
/// <param name="Quoted">Whether it stood in quotes, so that <c>""</c> differs from nothing at all.</param>
internal sealed record YamlScalar(Position Position, string Text, bool Quoted) : YamlValue(Position);

internal sealed record YamlList(Position Position, List<YamlValue> Items) : YamlValue(Position);

internal sealed record YamlMap(Position Position, List<YamlEntry> Entries) : YamlValue(Position);

/// <summary>Something that was there and is not accepted; its error is reported, so whoever meets it says nothing more.</summary>
internal sealed record YamlRefused(Position Position) : YamlValue(Position);

internal readonly record struct YamlEntry(string Key, Position KeyPosition, YamlValue Value);
