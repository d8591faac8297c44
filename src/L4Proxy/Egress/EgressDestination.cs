using System.Net;

namespace L4Proxy.Egress;

/// <summary>Something outside that was called, as a ServiceEntry could say it.</summary>
/// <param name="Host">The name it was called by, lower case; null where there was none that can be written down.</param>
/// <param name="Address">Only without a name: names have many addresses.</param>
/// <param name="Port">It was called at.</param>
internal readonly record struct EgressDestination(string? Host, IPAddress? Address, int Port)
{
    private const int LongestName = 253, LongestLabel = 63;

    public static EgressDestination Of(IPEndPoint destination, string? serverName)
    {
        if (serverName is not null && IsHost(serverName))
        {
            return new(serverName.AsSpan().ContainsAnyInRange('A', 'Z') ? serverName.ToLowerInvariant() : serverName, null, destination.Port);
        }
        var address = destination.Address;
        return new(null, address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, destination.Port);
    }

    /// <summary>
    /// Whether it is a DNS name with a dot in it: anything else (an address, <c>localhost</c>, what a client has made up) could not be looked
    /// up, and none of it may reach a file unlooked at.
    /// </summary>
    private static bool IsHost(string name)
    {
        if (name.Length > LongestName || !name.Contains('.', StringComparison.Ordinal) || char.IsAsciiDigit(name[^1]))
        {
            return false;
        }
        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan(range);
            if (label.IsEmpty || label.Length > LongestLabel || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(_letters))
            {
                return false;
            }
        }
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> _letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}
