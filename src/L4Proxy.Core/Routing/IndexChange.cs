namespace L4Proxy.Core.Routing;

/// <summary>What an update does to an index, collected first and applied at once.</summary>
internal sealed class IndexChange<TKey, TValue>
    where TKey : struct
    where TValue : class
{
    public List<IndexEntry<TKey, TValue>> Removed { get; } = [];
    public List<IndexEntry<TKey, TValue>> Added { get; } = [];

    /// <param name="isAdded">Else it is removed.</param>
    /// <param name="key">Of the entry.</param>
    /// <param name="value">Of the entry.</param>
    public void Note(bool isAdded, TKey key, TValue value) => (isAdded ? Added : Removed).Add(new(key, value));
}
