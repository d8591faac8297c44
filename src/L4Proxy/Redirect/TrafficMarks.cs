namespace L4Proxy.Redirect;

/// <summary>Numbers that rules and proxy share.</summary>
internal static class TrafficMarks
{
    /// <summary>
    /// DSCP the proxy sets on its leg to the application, so that the rules can tell it from the proxy calling its own pod. Needs no
    /// capability and never leaves <c>lo</c>. As IPv4 TOS or IPv6 traffic class the byte is 0xA8.
    /// </summary>
    public const int ApplicationLegDscp = 0x2a;

    /// <summary>Packet and connection mark of a leg that keeps the downstream's address (TPROXY mode); 1337, Istio's.</summary>
    public const int OriginalSource = 0x539;

    /// <summary>Routing table that delivers marked packets to <c>lo</c>; Istio's number.</summary>
    public const int RoutingTable = 133;

    /// <summary>Preference of the routing rule: ours alone, and before the main table's 32766.</summary>
    public const int RoutingRulePreference = 32133;
}
