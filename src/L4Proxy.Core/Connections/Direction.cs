namespace L4Proxy.Core.Connections;

/// <summary>Which way a connection runs, seen from the workload we stand beside.</summary>
public enum Direction : byte
{
    /// <summary>Toward the workload: captured on the inbound port.</summary>
    Inbound,

    /// <summary>From the workload: captured on the outbound port.</summary>
    Outbound,

    /// <summary>Neither: a static listener with a configured upstream.</summary>
    Forward,
}
