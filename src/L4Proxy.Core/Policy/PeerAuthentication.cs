using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>What inbound connections of some workloads must be.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Selector">For which workloads.</param>
/// <param name="Mode">Null is UNSET: what is wider decides.</param>
/// <param name="Ports">Ports of the workload that differ, only with a selector; null is UNSET.</param>
public sealed record PeerAuthentication(
    Origin Origin, WorkloadSelector Selector, MtlsMode? Mode, ImmutableSortedDictionary<int, PortMtls> Ports);

/// <param name="Mode">Null is UNSET.</param>
/// <param name="Line">Where it was written.</param>
public readonly record struct PortMtls(MtlsMode? Mode, int Line);
