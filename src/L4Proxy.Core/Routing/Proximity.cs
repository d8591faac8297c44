namespace L4Proxy.Core.Routing;

/// <summary>How near an endpoint is, nearest first. Nearer ones are used while one of them is in good health.</summary>
internal enum Proximity : byte
{
    /// <summary>The same subzone, or nobody cares.</summary>
    SubZone,
    Zone,
    Region,

    /// <summary>The region that takes over for ours.</summary>
    Failover,
    Elsewhere,
}

internal static class Proximities
{
    public static Proximity Of(Locality here, Locality there, LoadBalancing balancing)
    {
        if (!balancing.IsLocalityAware || string.IsNullOrEmpty(here.Region))
        {
            return Proximity.SubZone;
        }
        if (there.Region != here.Region)
        {
            return balancing.Failover.TryGetValue(here.Region, out var target) && target == there.Region ? Proximity.Failover : Proximity.Elsewhere;
        }
        return string.IsNullOrEmpty(here.Zone) || there.Zone != here.Zone ? Proximity.Region
            : string.IsNullOrEmpty(here.SubZone) || there.SubZone != here.SubZone ? Proximity.Zone
            : Proximity.SubZone;
    }
}
