using L4Proxy.Configuration.Binding;

namespace L4Proxy.Resources;

/// <summary>What the parts of one rule share while it is read.</summary>
/// <param name="Namespace">Of the policy: a service account without one is meant in it.</param>
internal sealed record RuleReading(string Namespace)
{
    private readonly SortedSet<string> _httpFields = new(StringComparer.Ordinal);

    /// <summary>Fields of the rule that only HTTP has.</summary>
    public string HttpFields => string.Join(", ", _httpFields);

    public bool HasHttpFields => _httpFields.Count > 0;

    /// <summary>Remembers that one of these keys is written, if it is. Its values are read as text and mean nothing.</summary>
    public bool NoteHttp(Section section, params ReadOnlySpan<string> keys)
    {
        var found = false;
        foreach (var key in keys)
        {
            if (section.Has(key))
            {
                section.Values(key, (text, _) => text);
                _httpFields.Add(key);
                found = true;
            }
        }
        return found;
    }

    /// <summary>A condition's key that only HTTP has.</summary>
    public void NoteHttp(string name) => _httpFields.Add(name);
}
