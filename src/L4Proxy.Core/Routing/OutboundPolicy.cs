using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>What happens to connections to destinations that no service covers. The words are those of Istio's mesh configuration.</summary>
public enum OutboundTrafficPolicy : byte
{
    /// <summary>They go where they were going.</summary>
    AllowAny,

    /// <summary>They are reset, and the log says where they were going.</summary>
    RegistryOnly,
}

/// <summary>A Sidecar resource: the outbound policy of some workloads.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Selector">For which workloads.</param>
/// <param name="Policy">What it says; null: it says nothing about it.</param>
public sealed record Sidecar(Origin Origin, WorkloadSelector Selector, OutboundTrafficPolicy? Policy);
