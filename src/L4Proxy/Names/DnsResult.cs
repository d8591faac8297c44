namespace L4Proxy.Names;

/// <summary>How a look-up ended. The words are those of <c>l4proxy_dns_lookups_total</c>.</summary>
internal enum DnsResult : byte
{
    /// <summary>At least one address.</summary>
    Resolved,

    /// <summary>The name does not exist (NXDOMAIN).</summary>
    NxDomain,

    /// <summary>The name exists and has no address.</summary>
    NoData,

    /// <summary>Every server failed or refused to answer (SERVFAIL, REFUSED and the like, or nothing listens there).</summary>
    ServFail,

    /// <summary>No server answered in time.</summary>
    Timeout,
}

/// <summary>The words of the closed set in metric labels and log lines.</summary>
internal static class DnsResults
{
    public static string Label(this DnsResult result) => result switch
    {
        DnsResult.Resolved => "resolved",
        DnsResult.NxDomain => "nxdomain",
        DnsResult.NoData => "nodata",
        DnsResult.ServFail => "servfail",
        DnsResult.Timeout => "timeout",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "no label is known for this result"),
    };
}
