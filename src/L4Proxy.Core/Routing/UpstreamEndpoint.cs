using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>One address that can be dialled, with the state that survives updates. Thread-safe.</summary>
public sealed class UpstreamEndpoint
{
    public required IPEndPoint Address { get; init; }

    /// <summary>How to secure a leg to it.</summary>
    public required UpstreamSecurity Security { get; init; }

    /// <summary>Share of connections relative to its siblings, 1 or more.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Where it runs; parts may be absent.</summary>
    public Locality Locality { get; init; }

    /// <summary>Legs to it that stand now.</summary>
    public int Active => State.Active;

    internal EndpointState State { get; init; } = new();

    /// <summary>What it shares with its siblings; null for an address that has none.</summary>
    internal ClusterState? Siblings { get; init; }

    internal AddressKey Key { get; init; }

    /// <summary>How far away it is: see <see cref="Proximity"/>.</summary>
    internal Proximity Proximity { get; init; }

    /// <summary>Call when its leg stands; <see cref="Ended"/> when it is over.</summary>
    public void Began() => State.Began();

    public void Ended() => State.Ended();

    /// <summary>A dial or handshake failed.</summary>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    /// <returns>Whether this ejected it.</returns>
    public bool Failed(long now) => Siblings?.Failed(State, now) ?? false;

    /// <summary>A dial and its handshake went well: it is in good health again, whatever was before.</summary>
    public void Succeeded() => Siblings?.Succeeded(State);

    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    /// <returns>For how many milliseconds more it is left alone; 0: it is not ejected.</returns>
    public long EjectedFor(long now) => Math.Max(0, State.EjectedUntil - now);
}
