using System.Diagnostics;

namespace L4Proxy.Core.Routing;

/// <summary>A name, or what follows the star of one, and a number that tells entries of different ports apart. Compares without case.</summary>
/// <param name="text">See <see cref="TextOf"/>.</param>
/// <param name="number">0 where it does not matter.</param>
internal readonly struct HostKey(string text, int number) : IEquatable<HostKey>
{
    private readonly int _hash = HashOf(text, number);

    public string Text { get; } = text;
    public int Number { get; } = number;

    /// <summary><c>*.demo</c> is kept as <c>.demo</c>, <c>*</c> as nothing; no other name begins with a dot.</summary>
    public static string TextOf(string host) => host.StartsWith('*') ? host[1..] : host;

    public static int HashOf(ReadOnlySpan<char> text, int number) =>
        string.GetHashCode(text, StringComparison.OrdinalIgnoreCase) ^ (number * 0x01000193);

    /// <summary>The next wider name that covers a text: <c>a.b.c</c>, <c>.b.c</c>, <c>.c</c>, nothing.</summary>
    public static ReadOnlySpan<char> Wider(ReadOnlySpan<char> text)
    {
        Debug.Assert(!text.IsEmpty, "nothing is wider than every name");
        var dot = text[1..].IndexOf('.');
        return dot < 0 ? [] : text[(dot + 1)..];
    }

    public bool Equals(HostKey other) => Is(other._hash, other.Text, other.Number);

    /// <summary>Compares the hash first: it is here, and the text is somewhere else in memory.</summary>
    public bool Is(int hash, ReadOnlySpan<char> text, int number) =>
        _hash == hash && Number == number && text.Equals(Text, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is HostKey other && Equals(other);

    public override int GetHashCode() => _hash;
}

/// <summary>Values by name, where names may begin with a star. Immutable.</summary>
internal sealed class HostIndex<T>
    where T : class, IPreceding<T>
{
    private readonly PersistentIndex<HostKey, T> _entries;
    private readonly int _wildcards;

    private HostIndex(PersistentIndex<HostKey, T> entries, int wildcards) => (_entries, _wildcards) = (entries, wildcards);

    public static HostIndex<T> Empty { get; } = new(PersistentIndex<HostKey, T>.Empty, 0);

    public int Count => _entries.Count;

    /// <summary>Whether a name can be covered by another.</summary>
    public bool HasWildcards => _wildcards > 0;

    public IEnumerable<IndexEntry<HostKey, T>> All() => _entries.All();

    public HostIndex<T> With(IndexChange<HostKey, T> change) => new(
        _entries.With(change.Removed, change.Added), _wildcards - change.Removed.Count(IsWildcard) + change.Added.Count(IsWildcard));

    /// <summary>The first value of exactly this text, or the first after another.</summary>
    public T? First(ReadOnlySpan<char> text, int number, T? after = null) => First(text, number, HostKey.HashOf(text, number), after);

    /// <summary>The first value of the most specific name that covers the text.</summary>
    /// <param name="text">Of a name; may itself be what follows a star.</param>
    /// <param name="number">Must be equal.</param>
    /// <param name="hash"><see cref="HostKey.HashOf"/> of the two.</param>
    /// <param name="level">That name's text; others of it follow with <see cref="First(ReadOnlySpan{char}, int, T?)"/>.</param>
    public T? Covering(ReadOnlySpan<char> text, int number, int hash, out ReadOnlySpan<char> level)
    {
        level = text;
        if (_entries.Count == 0)
        {
            return null;
        }
        var first = First(text, number, hash, after: null);
        while (first is null && _wildcards > 0 && !level.IsEmpty)
        {
            level = HostKey.Wider(level);
            first = First(level, number);
        }
        return first;
    }

    /// <summary>All values of exactly this text.</summary>
    public List<T> Of(ReadOnlySpan<char> text, int number)
    {
        var found = new List<T>();
        var hash = HostKey.HashOf(text, number);
        foreach (ref readonly var entry in _entries.Near(hash))
        {
            if (entry.Key.Is(hash, text, number))
            {
                found.Add(entry.Value);
            }
        }
        return found;
    }

    private T? First(ReadOnlySpan<char> text, int number, int hash, T? after)
    {
        T? first = null;
        foreach (ref readonly var entry in _entries.Near(hash))
        {
            if (entry.Key.Is(hash, text, number)
                && (after is null || after.Precedes(entry.Value))
                && (first is null || entry.Value.Precedes(first)))
            {
                first = entry.Value;
            }
        }
        return first;
    }

    private static bool IsWildcard(IndexEntry<HostKey, T> entry) => entry.Key.Text is "" or ['.', ..];
}
