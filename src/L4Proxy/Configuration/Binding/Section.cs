using System.Collections.Immutable;
using System.Net;
using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration.Binding;

/// <summary>
/// A mapping being read key by key. Asking for a key makes it known; <see cref="Read{T}"/> reports every key nobody asked for.
/// </summary>
internal sealed class Section
{
    private readonly YamlMap _map;
    private readonly KeyPath _path;
    private readonly ConfigurationDocument _document;

    /// <summary>Every key that was asked for, some of them twice. A list: there are few, and a set costs more than all the rest of a section.</summary>
    private readonly List<string> _known = new(8);
    private bool _knowsEvery;

    private Section(YamlMap map, KeyPath path, ConfigurationDocument document)
    {
        _map = map;
        _path = path;
        _document = document;
    }

    /// <summary>Which mapping it is, such as <c>spec.ports[0]</c>; empty at the top.</summary>
    public string Path => _path.ToString();

    /// <summary>Where the mapping begins.</summary>
    public Position Position => _map.Position;

    /// <summary>
    /// Lets <paramref name="bind"/> take what it knows from the mapping at the top of a document, then reports the rest as unknown.
    /// </summary>
    public static T Read<T>(YamlMap root, ConfigurationDocument document, Func<Section, T> bind) => Bind(root, default, document, bind);

    private static T Bind<T>(YamlMap map, KeyPath path, ConfigurationDocument document, Func<Section, T> bind)
    {
        var section = new Section(map, path, document);
        document.Place(path, map);
        var bound = bind(section);
        foreach (var entry in section._knowsEvery ? [] : map.Entries)
        {
            if (!section._known.Contains(entry.Key))
            {
                document.Errors.Add(
                    entry.KeyPosition, section.PathOf(entry.Key).ToString(), $"unknown key; {Suggestion.For(entry.Key, [.. section._known.Distinct(StringComparer.Ordinal)])}");
            }
        }
        return bound;
    }

    public T Value<T>(string key, T fallback, Func<string, T> parse) =>
        Find(key) is { } value ? _document.Parse(value, PathOf(key), fallback, parse) : fallback;

    public int Port(string key, int fallback) => Value(key, fallback, ScalarText.Port);

    public int? PortOrOff(string key) => Value<int?>(key, null, text => ScalarText.Port(text));

    /// <param name="zero">What zero stands for; null = zero is refused.</param>
    public TimeSpan Duration(string key, TimeSpan fallback, string? zero = null) =>
        Value(key, fallback, text => ScalarText.Duration(text, zero));

    public bool Switch(string key, bool fallback) => Value(key, fallback, ScalarText.Switch);

    /// <summary>One word of a closed list.</summary>
    /// <param name="word">A member as the file writes it; without it, its name with a small first letter.</param>
    public T Choice<T>(string key, T fallback, Func<T, string>? word = null) where T : struct, Enum => Value(key, fallback, text =>
    {
        var words = Enum.GetValues<T>().ToDictionary(word ?? OptionKey.Word, StringComparer.Ordinal);
        return words.TryGetValue(text, out var member)
            ? member : throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, words.Keys)}");
    });

    /// <summary>An address and port that must be there.</summary>
    public IPEndPoint EndPoint(string key, string example) => Required(key, new IPEndPoint(IPAddress.None, 0), example, ScalarText.EndPoint);

    /// <summary>A value that must be there.</summary>
    /// <param name="broken">Stands for it when it is not, or cannot be read; the error is said then.</param>
    public T Required<T>(string key, T broken, string example, Func<string, T> parse)
    {
        if (Find(key) is not null)
        {
            return Value(key, broken, parse);
        }
        _document.Errors.Add(_map.Position, PathOf(key).ToString(), $"is missing; add it, such as {key}: \"{example}\"");
        return broken;
    }

    /// <summary>A mapping inside this one; the fallback when it is absent or no mapping.</summary>
    public T Inner<T>(string key, T fallback, Func<Section, T> bind) =>
        Find(key) is { } value ? InnerOf(value, PathOf(key), fallback, bind) : fallback;

    /// <summary>A mapping inside this one; when it is absent, one without keys takes its place. Null when it is no mapping.</summary>
    public T? InnerOrEmpty<T>(string key, Func<Section, T> bind)
        where T : class => InnerOf<T?>(Find(key) ?? new YamlMap(_map.Position, []), PathOf(key), null, bind);

    /// <summary>A list of mappings.</summary>
    public IReadOnlyList<T> InnerList<T>(string key, T broken, Func<Section, T> bind) =>
        List(key, [], (item, path) => InnerOf(item, path, broken, bind));

    /// <summary>A list of scalars.</summary>
    public IReadOnlyList<T> ValueList<T>(string key, IReadOnlyList<T> fallback, T broken, Func<string, T> parse) =>
        List(key, fallback, (item, path) => _document.Parse(item, path, broken, parse));

    /// <summary>Every key of this mapping with its text: for mappings whose keys are the user's own.</summary>
    public IEnumerable<KeyValuePair<string, string>> Entries(Func<string, string> parseKey, Func<string, string> parse)
    {
        _knowsEvery = true;
        foreach (var entry in _map.Entries)
        {
            var path = PathOf(entry.Key);
            var value = _document.Parse(entry.Value, path, "", parse);
            yield return new(_document.Parse(new YamlScalar(entry.KeyPosition, entry.Key, Quoted: true), path, "", parseKey), value);
        }
    }

    /// <summary>Every key of this mapping with the mapping below it: for mappings whose keys are the user's own.</summary>
    public IEnumerable<KeyValuePair<TKey, T>> InnerEntries<TKey, T>(Func<string, TKey> parseKey, Func<Section, T> bind)
    {
        _knowsEvery = true;
        foreach (var entry in _map.Entries)
        {
            var path = PathOf(entry.Key);
            var key = _document.Parse(new YamlScalar(entry.KeyPosition, entry.Key, Quoted: true), path, default!, parseKey);
            yield return new(key, InnerOf(entry.Value, path, default!, bind));
        }
    }

    public bool IsEmpty => _map.Entries.Count == 0;

    public bool Has(string key) => Find(key) is not null;

    public bool IsEmptyList(string key) => Find(key) is YamlList { Items.Count: 0 };

    /// <summary>A list of scalars that may be left out but not left empty, because leaving it out means "anybody".</summary>
    public ImmutableArray<T> NonEmptyList<T>(string key, T broken, Func<string, T> parse)
    {
        if (IsEmptyList(key))
        {
            Refuse(key, "is empty; name at least one, or remove the key to let in whoever has a certificate of a trusted domain");
        }
        return [.. ValueList(key, [], broken, parse)];
    }

    /// <summary>A key that cannot be honoured here, whatever its value: an error with the reason, never silence.</summary>
    public void Refuse(string key, string reason)
    {
        if (Find(key) is { } value)
        {
            _document.Errors.Add(value.Position, PathOf(key).ToString(), reason);
        }
    }

    /// <summary>Where the value of a key stands; where the mapping begins if there is no such key.</summary>
    public Position PositionOf(string key) => Find(key)?.Position ?? _map.Position;

    /// <summary>Something is wrong with this mapping as a whole.</summary>
    public void Fail(string message) => _document.Errors.Add(_map.Position, _path.ToString(), message);

    /// <summary>Something is wrong with a key, be it written or not.</summary>
    public void Fail(string key, string message) => _document.Errors.Add(PositionOf(key), PathOf(key).ToString(), message);

    /// <summary>This mapping is accepted and probably not what was meant.</summary>
    public void Warn(string message) => _document.Warnings.Add(_map.Position, _path.ToString(), message);

    /// <summary>A key is accepted and probably not what was meant.</summary>
    public void Warn(string key, string message) => _document.Warnings.Add(PositionOf(key), PathOf(key).ToString(), message);

    /// <summary>A list of scalars that may be left out but not left empty.</summary>
    /// <param name="parse">Gets a scalar and a way to warn about it.</param>
    public ImmutableArray<T> Values<T>(string key, Func<string, Action<string>, T> parse)
    {
        if (IsEmptyList(key))
        {
            Fail(key, "is empty; name at least one, or remove the key");
        }
        return [.. List(key, [], (item, path) => _document.Parse(
            item, path, default(T)!, text => parse(text, warning => _document.Warnings.Add(item.Position, path.ToString(), warning))))];
    }

    private YamlValue? Find(string key)
    {
        _known.Add(key);
        foreach (var entry in _map.Entries)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }
        return null;
    }

    private T InnerOf<T>(YamlValue value, KeyPath path, T fallback, Func<Section, T> bind)
    {
        if (value is YamlMap map)
        {
            return Bind(map, path, _document, bind);
        }
        if (value is not YamlRefused)
        {
            _document.Errors.Add(value.Position, path.ToString(), "is not a mapping; write keys and values below it, or remove it");
        }
        return fallback;
    }

    private IReadOnlyList<T> List<T>(string key, IReadOnlyList<T> fallback, Func<YamlValue, KeyPath, T> bind)
    {
        var path = PathOf(key);
        switch (Find(key))
        {
            case null or YamlRefused:
                return fallback;
            case YamlList list:
                _document.Place(path, list);
                var items = new T[list.Items.Count];
                for (var index = 0; index < items.Length; index++)
                {
                    items[index] = bind(list.Items[index], path.At(index));
                }
                return items;
            case var other:
                _document.Errors.Add(other.Position, path.ToString(), "is not a list; write [one, two] or lines that begin with '-'");
                return fallback;
        }
    }

    private KeyPath PathOf(string key) => new(this, key, Index: null);
}
