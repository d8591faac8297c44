namespace L4Proxy.Core.Routing;

/// <summary>Values by address or network and port, found by the longest prefix. Immutable.</summary>
internal sealed class AddressIndex<T>
    where T : class, IPreceding<T>
{
    private readonly PersistentIndex<AddressKey, T> _entries;

    /// <summary>Entries of each prefix length, so that only lengths in use are asked for: a mesh has a handful.</summary>
    private readonly int[] _counts;

    /// <summary>Those in use below 128, longest first.</summary>
    private readonly byte[] _lengths;

    private AddressIndex(PersistentIndex<AddressKey, T> entries, int[] counts)
    {
        (_entries, _counts) = (entries, counts);
        _lengths = [.. Enumerable.Range(0, 128).Reverse().Where(length => counts[length] > 0).Select(length => (byte)length)];
    }

    public static AddressIndex<T> Empty { get; } = new(PersistentIndex<AddressKey, T>.Empty, new int[byte.MaxValue + 1]);

    public int Count => _entries.Count;

    public AddressIndex<T> With(IndexChange<AddressKey, T> change)
    {
        if (change.Removed.Count == 0 && change.Added.Count == 0)
        {
            return this;
        }
        var counts = (int[])_counts.Clone();
        change.Removed.ForEach(entry => counts[entry.Key.Length]--);
        change.Added.ForEach(entry => counts[entry.Key.Length]++);
        return new(_entries.With(change.Removed, change.Added), counts);
    }

    /// <summary>The first value of exactly this key, or the first after another.</summary>
    public T? First(in AddressKey key, T? after = null)
    {
        T? first = null;
        foreach (ref readonly var entry in _entries.Near(key.GetHashCode()))
        {
            if (entry.Key == key
                && (after is null || after.Precedes(entry.Value))
                && (first is null || entry.Value.Precedes(first)))
            {
                first = entry.Value;
            }
        }
        return first;
    }

    /// <summary>The first value of the longest network around an address that is not the address itself.</summary>
    /// <param name="address">Of length 128.</param>
    /// <param name="network">The network.</param>
    public T? Around(in AddressKey address, out AddressKey network)
    {
        foreach (var length in _lengths)
        {
            if (length < AddressKey.MappedBits && address.IsIPv4)
            {
                break;
            }
            network = address.Prefix(length);
            if (First(network) is { } first)
            {
                return first;
            }
        }
        network = default;
        return null;
    }
}
