using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

internal static class RouteExplanation
{
    public static ImmutableArray<ExplainStep> Of(Registry registry, in RouteRequest request, RouteDecision decision, RouteTrace trace, long now) => [];
}
