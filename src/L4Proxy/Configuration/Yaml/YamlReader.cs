using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace L4Proxy.Configuration.Yaml;

/// <summary>
/// Reads YAML documents into <see cref="YamlValue"/>s. Anchors, aliases and tags are refused: a value then has exactly one place
/// to blame, and a small file cannot unfold into a huge one.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>The deepest document we understand has five levels; recursion must end long before the stack does.</summary>
    private const int MaxDepth = 16;

    private const int FewKeys = 16;

    private readonly Parser _parser;
    private readonly ErrorList _errors;
    private readonly int _linesBefore;

    /// <summary>Keys, and indices of lists, from the top to where the parser stands; put into words only for errors.</summary>
    private readonly List<(string? Key, int Index)> _path = [];

    private YamlReader(string text, ErrorList errors, int linesBefore)
    {
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _errors = errors;
        _linesBefore = linesBefore;
    }

    /// <summary>Reads a text that is one document.</summary>
    /// <returns>The root mapping, or null when the text is no such thing (the errors say why).</returns>
    public static YamlMap? Read(string text, ErrorList errors) =>
        Read(text, errors, linesBefore: 0, reader => reader.OnlyDocument());

    /// <summary>Reads one document of several, cut out of its file.</summary>
    /// <param name="linesBefore">How many lines of the file stand before <paramref name="text"/>.</param>
    /// <returns>The root mapping; null when there is nothing but comments, or no mapping (the errors say why).</returns>
    public static YamlMap? ReadPart(string text, ErrorList errors, int linesBefore) =>
        Read(text, errors, linesBefore, reader => reader.Document());

    private static YamlMap? Read(string text, ErrorList errors, int linesBefore, Func<YamlReader, YamlMap?> read)
    {
        var reader = new YamlReader(text, errors, linesBefore);
        try
        {
            return read(reader);
        }
        catch (YamlException error)
        {
            if ((error.Message.Contains(" tab ", StringComparison.Ordinal) || error.Message.Contains("cannot start any token", StringComparison.Ordinal))
                && TabIn(text) is { } tab)
            {
                errors.Add(new Position(linesBefore + tab.Line, tab.Column), "", "not valid YAML: a tab indents this line; indent with spaces");
                return null;
            }
            // "While parsing a block mapping, did not find expected key."
            var reason = error.Message.TrimEnd('.');
            var at = (int)Math.Min(error.Start.Index, text.Length);
            var remedy = text.AsSpan(0, at).EndsWith('$') && text.AsSpan(at).StartsWith('{')
                ? "a ${VAR} inside { } or [ ] must be quoted, as in \"${VAR}\""
                : "correct the syntax here or just above";
            errors.Add(reader.PositionOf(error.Start), "", $"not valid YAML: {char.ToLowerInvariant(reason[0])}{reason[1..]}; {remedy}");
            return null;
        }
    }

    /// <summary>The first tab that stands before a line's text: the parser does not say where it met it.</summary>
    private static Position? TabIn(string text)
    {
        var line = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            line++;
            var tab = content.IndexOf('\t');
            if (tab >= 0 && content[..tab].IsWhiteSpace() && !content.IsWhiteSpace())
            {
                return new Position(line, tab + 1);
            }
        }
        return null;
    }

    private YamlMap? OnlyDocument()
    {
        Advance();
        if (!Advance() || _parser.Current is not DocumentStart)
        {
            _errors.Add(new Position(1, 1), "", "the file is empty; write at least a 'capture' or a 'forward' section");
            return null;
        }
        Advance();
        var root = Value();
        Advance();
        if (Advance() && _parser.Current is DocumentStart second)
        {
            _errors.Add(PositionOf(second.Start), "",
                "a second YAML document begins here; the configuration is one document, so remove the '---' and what follows");
            return null;
        }
        if (root is YamlMap map)
        {
            return map;
        }
        if (root is not YamlRefused)
        {
            _errors.Add(root.Position, "", "the file is not a mapping; write keys such as 'capture: {outbound: 15001}'");
        }
        return null;
    }

    private YamlMap? Document()
    {
        Advance();
        if (!Advance() || _parser.Current is not DocumentStart)
        {
            return null;
        }
        Advance();
        var root = Value();
        Advance();
        if (Advance() && _parser.Current is DocumentStart second)
        {
            _errors.Add(PositionOf(second.Start), "", "a second YAML document begins here; write '---' on a line of its own before it");
            return null;
        }
        switch (root)
        {
            case YamlMap map:
                return map;
            // Only comments between two lines of dashes.
            case YamlScalar { Quoted: false, Text: "" } or YamlRefused:
                return null;
            default:
                _errors.Add(root.Position, "", "the document is not a mapping; write keys such as 'kind: AuthorizationPolicy'");
                return null;
        }
    }

    /// <summary>Reads the node the parser stands on and leaves it on that node's last event.</summary>
    private YamlValue Value()
    {
        var current = _parser.Current!;
        var position = PositionOf(current.Start);
        if (_path.Count > MaxDepth)
        {
            throw new SemanticErrorException(current.Start, current.End, $"Nested deeper than {MaxDepth} levels.");
        }
        if (current is AnchorAlias)
        {
            _errors.Add(position, Path(), "YAML aliases are not supported; write the value out");
            return new YamlRefused(position);
        }
        if (current is NodeEvent { Anchor.IsEmpty: false })
        {
            _errors.Add(position, Path(), "YAML anchors are not supported; write the value out where it is needed");
        }
        if (current is NodeEvent { Tag.IsEmpty: false })
        {
            _errors.Add(position, Path(), "YAML tags are not supported; remove it");
        }
        return current switch
        {
            Scalar scalar => new YamlScalar(position, scalar.Value, scalar.Style is not ScalarStyle.Plain),
            SequenceStart => List(position),
            MappingStart => Map(position),
            _ => throw new SemanticErrorException(current.Start, current.End, "Found something that is not a value."),
        };
    }

    private YamlList List(Position position)
    {
        var items = new List<YamlValue>();
        for (var index = 0; Advance() && _parser.Current is not SequenceEnd; index++)
        {
            _path.Add((null, index));
            items.Add(Value());
            _path.RemoveAt(_path.Count - 1);
        }
        return new YamlList(position, items);
    }

    private YamlMap Map(Position position)
    {
        var entries = new List<YamlEntry>();
        // Few keys are compared faster than hashed; many, which only a file that is wrong has, must not cost their square.
        HashSet<string>? many = null;
        while (Advance() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
            {
                throw new SemanticErrorException(_parser.Current!.Start, _parser.Current.End, "A key must be a plain word.");
            }
            var keyPosition = PositionOf(key.Start);
            _path.Add((key.Value, 0));
            Advance();
            var value = Value();
            if (many is null && entries.Count == FewKeys)
            {
                many = new HashSet<string>(entries.Select(entry => entry.Key), StringComparer.Ordinal);
            }
            if (many?.Add(key.Value) ?? !entries.Exists(entry => entry.Key == key.Value))
            {
                entries.Add(new YamlEntry(key.Value, keyPosition, value));
            }
            else
            {
                var first = entries.Find(entry => entry.Key == key.Value);
                _errors.Add(keyPosition, Path(), $"written twice, first at {_errors.Place(first.KeyPosition)}; keep one of them");
            }
            _path.RemoveAt(_path.Count - 1);
        }
        return new YamlMap(position, entries);
    }

    private bool Advance()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception error) when (error is not YamlException)
        {
            // YamlDotNet 16.3 leaks InvalidOperationException for some inputs, such as "a: [1" and a line break before the next key.
            var mark = _parser.Current?.End ?? Mark.Empty;
            throw new SyntaxErrorException(
                mark, mark, "The text after this place cannot be read, perhaps a bracket or a quote is not closed.");
        }
    }

    /// <summary><c>spec.ports[0].number</c>; empty at the top.</summary>
    private string Path()
    {
        var text = new StringBuilder();
        foreach (var (key, index) in _path)
        {
            _ = key is null ? text.Append('[').Append(index).Append(']') : text.Append(text.Length == 0 ? "" : ".").Append(key);
        }
        return text.ToString();
    }

    private Position PositionOf(Mark mark) => new(_linesBefore + (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
