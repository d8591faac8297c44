namespace L4Proxy.Transport.Hosting;

/// <summary>
/// The features of one connection. Kestrel sets about five on each, all of them the same object, so that object is kept once with
/// a bit for every type it was set as: the usual dictionary would cost an idle connection several hundred bytes.
/// </summary>
internal struct ConnectionFeatures
{
    private object? _host;
    private ulong _hostTypes;
    private Dictionary<Type, object>? _others;

    public int Revision { get; private set; }

    public readonly object? Get(Type key) =>
        _hostTypes != 0 && (_hostTypes & FeatureTypes.Bit(key)) != 0 ? _host : _others?.GetValueOrDefault(key);

    public void Set(Type key, object? instance)
    {
        Revision++;
        var bit = FeatureTypes.Bit(key);
        _hostTypes &= ~bit;
        _others?.Remove(key);
        if (instance is null)
        {
            return;
        }
        _host ??= instance;
        if (ReferenceEquals(_host, instance) && bit != 0)
        {
            _hostTypes |= bit;
            return;
        }
        (_others ??= [])[key] = instance;
    }

    public readonly IEnumerable<KeyValuePair<Type, object>> All()
    {
        var host = _host;
        return FeatureTypes.Of(_hostTypes).Select(type => KeyValuePair.Create(type, host!)).Concat(_others ?? []);
    }
}

/// <summary>Numbers the feature types this process has met, for all connections; beyond 64 there is no number and no harm.</summary>
internal static class FeatureTypes
{
    private static readonly Lock _lock = new();
    private static Type[] _known = [];

    /// <returns>One bit, or 0 for a type beyond the 64th.</returns>
    public static ulong Bit(Type type)
    {
        var index = Array.IndexOf(Volatile.Read(ref _known), type);
        if (index < 0)
        {
            lock (_lock)
            {
                index = Array.IndexOf(_known, type);
                if (index < 0)
                {
                    index = _known.Length;
                    Volatile.Write(ref _known, [.. _known, type]);
                }
            }
        }
        return index < 64 ? 1UL << index : 0;
    }

    public static IEnumerable<Type> Of(ulong bits) => _known.Take(64).Where((_, index) => (bits & (1UL << index)) != 0);
}
