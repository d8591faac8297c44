namespace L4Proxy.Configuration.Binding;

/// <summary>Which value is meant, put into words only when there is something to say about it: most values are good.</summary>
/// <param name="Within">Null at the top of a document.</param>
/// <param name="Key">Null for the top itself.</param>
/// <param name="Index">In a list under the key; null for what is no item of one.</param>
internal readonly record struct KeyPath(Section? Within, string? Key, int? Index)
{
    public KeyPath At(int index) => this with { Index = index };

    /// <summary><c>spec.ports[0].number</c>; empty for the top.</summary>
    public override string ToString()
    {
        var outer = Within?.Path ?? "";
        return $"{outer}{(outer.Length == 0 ? "" : ".")}{Key}{(Index is { } index ? $"[{index}]" : "")}";
    }
}
