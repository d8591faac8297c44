using System.Numerics;
using System.Runtime.InteropServices;

namespace L4Proxy.Core.Routing;

/// <summary>One key and one of its values.</summary>
internal readonly record struct IndexEntry<TKey, TValue>(TKey Key, TValue Value);

/// <summary>
/// Values by key, several per key allowed; immutable, and a changed copy shares all it can. A table of small arrays: a look-up is one step
/// and a short scan, a change copies the table of arrays and the arrays it touches. Beside 60 000 entries that is 32 KiB, not megabytes.
/// </summary>
internal sealed class PersistentIndex<TKey, TValue>
    where TKey : struct, IEquatable<TKey>
    where TValue : class
{
    /// <summary>Entries per array when the table is made; it is made anew when they are four times as many or a quarter.</summary>
    private const int Fill = 12;

    private readonly IndexEntry<TKey, TValue>[][] _shards;
    private readonly int _shift;

    private PersistentIndex(IndexEntry<TKey, TValue>[][] shards, int count)
    {
        _shards = shards;
        _shift = 32 - BitOperations.Log2((uint)shards.Length);
        Count = count;
    }

    public static PersistentIndex<TKey, TValue> Empty { get; } = new([[], []], 0);

    public int Count { get; }

    /// <summary>All entries whose key may have this hash; the caller compares keys.</summary>
    public ReadOnlySpan<IndexEntry<TKey, TValue>> Near(int hash) => _shards[ShardOf(hash)];

    public IEnumerable<IndexEntry<TKey, TValue>> All() => _shards.SelectMany(shard => shard);

    /// <param name="removed">By key and by reference of the value; what is not there is ignored.</param>
    /// <param name="added">Added after that.</param>
    public PersistentIndex<TKey, TValue> With(List<IndexEntry<TKey, TValue>> removed, List<IndexEntry<TKey, TValue>> added)
    {
        if (removed.Count == 0 && added.Count == 0)
        {
            return this;
        }
        var count = Count - removed.Count + added.Count;
        var isMuch = added.Count > Count / 4;
        var fill = count / _shards.Length;
        var isOutgrown = fill > Fill * 4 || (fill < Fill / 4 && _shards.Length > 2);
        return isMuch || isOutgrown ? Made(removed, added) : Copied(removed, added);
    }

    private int ShardOf(int hash) => (int)((uint)hash * 0x9E37_79B1 >> _shift);

    private PersistentIndex<TKey, TValue> Copied(List<IndexEntry<TKey, TValue>> removed, List<IndexEntry<TKey, TValue>> added)
    {
        var shards = (IndexEntry<TKey, TValue>[][])_shards.Clone();
        var count = Count;
        foreach (var entry in removed)
        {
            ref var shard = ref shards[ShardOf(entry.Key.GetHashCode())];
            var place = Array.FindIndex(shard, other => ReferenceEquals(other.Value, entry.Value) && other.Key.Equals(entry.Key));
            if (place >= 0)
            {
                shard = [.. shard.AsSpan(0, place), .. shard.AsSpan(place + 1)];
                count--;
            }
        }
        foreach (var entry in added)
        {
            ref var shard = ref shards[ShardOf(entry.Key.GetHashCode())];
            shard = [.. shard, entry];
        }
        return new(shards, count + added.Count);
    }

    private PersistentIndex<TKey, TValue> Made(List<IndexEntry<TKey, TValue>> removed, List<IndexEntry<TKey, TValue>> added)
    {
        var kept = removed.Count == 0 ? this : Copied(removed, []);
        var count = kept.Count + added.Count;
        var sizes = new int[Math.Max(2, BitOperations.RoundUpToPowerOf2((uint)(count / Fill)))];
        var made = new PersistentIndex<TKey, TValue>(new IndexEntry<TKey, TValue>[sizes.Length][], count);

        // Sizes first, so that every array is made once and has no slack.
        foreach (var shard in kept._shards)
        {
            made.Measure(shard, sizes);
        }
        made.Measure(CollectionsMarshal.AsSpan(added), sizes);
        for (var index = 0; index < sizes.Length; index++)
        {
            made._shards[index] = sizes[index] == 0 ? [] : new IndexEntry<TKey, TValue>[sizes[index]];
        }
        foreach (var shard in kept._shards)
        {
            made.Place(shard, sizes);
        }
        made.Place(CollectionsMarshal.AsSpan(added), sizes);
        return made;
    }

    private void Measure(ReadOnlySpan<IndexEntry<TKey, TValue>> entries, int[] sizes)
    {
        foreach (ref readonly var entry in entries)
        {
            sizes[ShardOf(entry.Key.GetHashCode())]++;
        }
    }

    private void Place(ReadOnlySpan<IndexEntry<TKey, TValue>> entries, int[] sizes)
    {
        foreach (ref readonly var entry in entries)
        {
            var shard = ShardOf(entry.Key.GetHashCode());
            _shards[shard][--sizes[shard]] = entry;
        }
    }
}
