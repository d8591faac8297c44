#pragma warning disable CA1822, MA0025 // signatures agreed first; the owner of this file removes this line with the body
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>What PeerAuthentication resources come to for one workload: a mode per port.</summary>
public sealed class MtlsModes
{
    /// <summary>Nothing is said anywhere.</summary>
    public static MtlsModes Empty { get; } = new();

    /// <summary>Port over workload over namespace over mesh; of two of the same reach the older name wins... see the owner.</summary>
    public static MtlsModes Compile(IEnumerable<PeerAuthentication> resources, LocalWorkload workload) => throw new NotImplementedException();

    /// <param name="port">Of the workload.</param>
    /// <param name="fallback">Where nothing is said.</param>
    /// <param name="by">Who says so; null: the fallback.</param>
    public MtlsMode Of(int port, MtlsMode fallback, out Origin? by)
    {
        by = null;
        return fallback;
    }
}
