using L4Proxy.Configuration.Binding;

namespace L4Proxy.Resources.Traffic;

/// <summary>One word of a closed list, as Istio's enumerations are written.</summary>
internal static class WordText
{
    public static T OneOf<T>(string text, Dictionary<string, T> words) => words.TryGetValue(text, out var value)
        ? value : throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, words.Keys)}");
}
