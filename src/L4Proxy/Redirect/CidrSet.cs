using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Redirect;

/// <summary>One family of networks in canonical form: host bits cleared, sorted, none inside another.</summary>
internal sealed class CidrSet
{
    public static readonly CidrSet None = new([], []);
    public static readonly CidrSet All = new([], []) { IsAll = true };

    private CidrSet(IReadOnlyList<IPNetwork> v4, IReadOnlyList<IPNetwork> v6) => (V4, V6) = (v4, v6);

    public IReadOnlyList<IPNetwork> V4 { get; }

    public IReadOnlyList<IPNetwork> V6 { get; }

    public bool IsAll { get; private init; }

    public static CidrSet Of(IReadOnlyCollection<IPNetwork> networks) => new(
        Canonical(networks, AddressFamily.InterNetwork),
        Canonical(networks, AddressFamily.InterNetworkV6));

    public IReadOnlyList<IPNetwork> Of(AddressFamily family) => family == AddressFamily.InterNetwork ? V4 : V6;

    private static List<IPNetwork> Canonical(IEnumerable<IPNetwork> networks, AddressFamily family)
    {
        // Sorted by address, then widest first, a network that lies inside another directly follows its widest container.
        var sorted = networks
            .Where(network => network.BaseAddress.AddressFamily == family)
            .OrderBy(network => network.BaseAddress.GetAddressBytes(), ByteOrder)
            .ThenBy(network => network.PrefixLength);
        var kept = new List<IPNetwork>();
        foreach (var network in sorted)
        {
            if (kept.Count == 0 || !kept[^1].Contains(network.BaseAddress))
            {
                kept.Add(network);
            }
        }

        return kept;
    }

    private static readonly IComparer<byte[]> ByteOrder =
        Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));
}
