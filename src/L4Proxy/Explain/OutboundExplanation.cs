using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Interception;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Where a connection of the workload would go: (1) service and route, (2) outbound policy where there is none, (3) limits, (4) security.</summary>
internal static class OutboundExplanation
{
    /// <summary>Istio's names for destinations that no service covers, as they stand in logs and metrics.</summary>
    public const string Passthrough = "PassthroughCluster", BlackHole = "BlackHoleCluster";

    public static Explanation Of(MeshModel model, ProxyOptions options, ExplainQuestion question)
    {
        throw new NotImplementedException();
    }
}
