using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace L4Proxy.Transport.Hosting;

/// <summary>
/// The features of one connection. Kestrel sets about five on each, all of them the same object, so that object is kept once with
/// a bit for every type it was set as: the usual dictionary would cost an idle connection several hundred bytes.
/// </summary>
internal sealed class ConnectionFeatures(LoopConnection connection) : IFeatureCollection
{
    private object? _host;
    private ulong _hostTypes;
    private Dictionary<Type, object>? _others;

    public bool IsReadOnly => false;
    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            if (_hostTypes != 0 && FeatureTypes.Bit(key) is var bit && (_hostTypes & bit) != 0)
            {
                return _host;
            }
            return _others?.GetValueOrDefault(key) ?? (key.IsInstanceOfType(connection) ? connection : null);
        }
        set => Set(key, value);
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => Set(typeof(TFeature), instance);

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() =>
        FeatureTypes.Of(_hostTypes).Select(type => KeyValuePair.Create(type, _host!)).Concat(_others ?? []).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Set(Type key, object? instance)
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
