using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Names;

/// <summary>What became of a look-up.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Addresses">In the order of the answer, each once; empty unless it is <see cref="DnsResult.Resolved"/>.</param>
/// <param name="TimeToLive">The smallest of all records that led to the addresses; zero for a failure.</param>
/// <param name="Detail">Of a failure, for people: which server said what.</param>
internal sealed record DnsAnswer(DnsResult Result, ImmutableArray<IPAddress> Addresses, TimeSpan TimeToLive, string? Detail)
{
    /// <summary>A family of which nobody would say whether there are addresses, while the other had some; null when both are known.</summary>
    public AddressFamily? Missing { get; init; }

    public static DnsAnswer Failed(DnsResult result, string detail) => new(result, [], TimeSpan.Zero, detail);
}
