using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>What is known about DNS names, for a registry and all that are built from it. Clusters look here when they are used. Thread-safe.</summary>
internal sealed class ResolvedAddresses
{
    private readonly ConcurrentDictionary<string, ResolvedAddress> _byName = new(StringComparer.OrdinalIgnoreCase);

    public ResolvedAddress Of(string name) => _byName.GetOrAdd(name, _ => new ResolvedAddress());

    public void Forget(string name) => _byName.TryRemove(name, out _);
}

/// <summary>The addresses of one name. Replaced whole, and only by others.</summary>
internal sealed class ResolvedAddress
{
    private IPAddress[] _addresses = [];

    public IPAddress[] Addresses => Volatile.Read(ref _addresses);

    public void Replace(ImmutableArray<IPAddress> addresses)
    {
        // In order, because servers rotate their answers, and one that is only rotated should change nothing.
        IPAddress[] ordered = [.. addresses.DistinctBy(address => AddressKey.Of(address, 0)).OrderBy(address => AddressKey.Of(address, 0).Hash())];
        if (!ordered.AsSpan().SequenceEqual(Addresses))
        {
            Volatile.Write(ref _addresses, ordered);
        }
    }
}
