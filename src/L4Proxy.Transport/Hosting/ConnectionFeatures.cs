using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace L4Proxy.Transport.Hosting;

/// <summary>
/// The features of one connection in an array searched front to back. Kestrel sets about four, all of them the same object; the
/// usual dictionary would cost every idle connection several hundred bytes for them.
/// </summary>
internal sealed class ConnectionFeatures(LoopConnection connection) : IFeatureCollection
{
    private (Type Type, object Instance)[] _set = [];
    private int _count;

    public bool IsReadOnly => false;
    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            for (var i = 0; i < _count; i++)
            {
                if (_set[i].Type == key)
                {
                    return _set[i].Instance;
                }
            }
            return key.IsInstanceOfType(connection) ? connection : null;
        }
        set => Set(key, value);
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => Set(typeof(TFeature), instance);

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            yield return new KeyValuePair<Type, object>(_set[i].Type, _set[i].Instance);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Set(Type key, object? instance)
    {
        Revision++;
        var index = Array.FindIndex(_set, 0, _count, entry => entry.Type == key);
        if (instance is null)
        {
            if (index >= 0)
            {
                _set[index] = _set[--_count];
                _set[_count] = default;
            }
            return;
        }
        if (index < 0)
        {
            index = _count++;
            if (_count > _set.Length)
            {
                Array.Resize(ref _set, Math.Max(5, _set.Length * 2));
            }
        }
        _set[index] = (key, instance);
    }
}
