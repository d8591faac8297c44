using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>The endpoints of a cluster at one time, nearest first. Immutable, but for the state of each.</summary>
internal sealed class EndpointSet
{
    /// <summary>Above this many a look-up by address is worth a table.</summary>
    private const int Scannable = 16;

    private readonly Dictionary<AddressKey, UpstreamEndpoint>? _byAddress;

    /// <param name="endpoints">No address twice.</param>
    /// <param name="seen">The answers it was made from, as they were.</param>
    public EndpointSet(IEnumerable<UpstreamEndpoint> endpoints, IPAddress[][] seen)
    {
        All = [.. endpoints.OrderBy(endpoint => endpoint.Proximity)];
        Seen = seen;
        Groups = [.. All.Select((endpoint, index) => (endpoint.Proximity, Next: index + 1))
            .GroupBy(pair => pair.Proximity, (_, group) => group.Last().Next)];
        if (All.Length > Scannable)
        {
            _byAddress = All.ToDictionary(endpoint => endpoint.Key);
        }
        if (All.Length > 0 && Array.Exists(All, endpoint => endpoint.Weight != All[0].Weight))
        {
            Weights = new long[All.Length];
            var sum = 0L;
            for (var index = 0; index < All.Length; index++)
            {
                Weights[index] = sum += All[index].Weight;
            }
        }
    }

    public UpstreamEndpoint[] All { get; }

    /// <summary>Where each group of the same proximity ends.</summary>
    public int[] Groups { get; }

    /// <summary>Sums of weights up to and with each endpoint; null when all weigh the same.</summary>
    public long[]? Weights { get; }

    public IPAddress[][] Seen { get; }

    public UpstreamEndpoint? Find(in AddressKey address)
    {
        if (_byAddress is not null)
        {
            return _byAddress.GetValueOrDefault(address);
        }
        foreach (var endpoint in All)
        {
            if (endpoint.Key == address)
            {
                return endpoint;
            }
        }
        return null;
    }
}
