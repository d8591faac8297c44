using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>
/// Names, prefixes and suffixes, each with a number. A lookup hashes once per distinct length of prefix and of suffix, however many of
/// each there are: thousands of patterns have a few dozen lengths.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Affixes _prefixes = new();
    private readonly Affixes _suffixes = new();

    /// <summary>The number stored for a pattern, 0 at first.</summary>
    /// <param name="pattern">Not presence.</param>
    public ref int Slot(TextPattern pattern)
    {
        switch (pattern.Kind)
        {
            case PatternKind.Prefix:
                return ref _prefixes.Slot(pattern.Text);
            case PatternKind.Suffix:
                return ref _suffixes.Slot(pattern.Text);
            default:
                return ref CollectionsMarshal.GetValueRefOrAddDefault(_exact, pattern.Text, out _);
        }
    }

    public void Visit<TVisitor>(ReadOnlySpan<char> value, ref TVisitor visitor)
        where TVisitor : struct, IChainVisitor, allows ref struct
    {
        if (_exact.Count > 0 && _exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out var head))
        {
            visitor.Visit(head);
        }
        foreach (var length in _prefixes.LengthsUpTo(value.Length))
        {
            if (_prefixes.TryGet(value[..length], out head))
            {
                visitor.Visit(head);
            }
        }
        foreach (var length in _suffixes.LengthsUpTo(value.Length))
        {
            if (_suffixes.TryGet(value[^length..], out head))
            {
                visitor.Visit(head);
            }
        }
    }

    /// <summary>One end of names.</summary>
    private sealed class Affixes
    {
        private readonly List<int> _lengths = [];
        private Dictionary<string, int>? _texts;

        public ref int Slot(string text)
        {
            _texts ??= new(StringComparer.Ordinal);
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, text, out var existed);
            if (!existed && _lengths.BinarySearch(text.Length) is < 0 and var place)
            {
                _lengths.Insert(~place, text.Length);
            }
            return ref slot;
        }

        public ReadOnlySpan<int> LengthsUpTo(int length)
        {
            var lengths = CollectionsMarshal.AsSpan(_lengths);
            var count = lengths.Length;
            while (count > 0 && lengths[count - 1] > length)
            {
                count--;
            }
            return lengths[..count];
        }

        public bool TryGet(ReadOnlySpan<char> text, out int head) => _texts!.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out head);
    }
}
