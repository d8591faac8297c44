namespace L4Proxy.Core.Routing;

/// <summary>What <see cref="RouteFinder"/> did, for people.</summary>
internal sealed class RouteTrace
{
    public FoundService Service { get; private set; }
    public List<(VirtualServiceNode Written, RouteNode Route, string Kind, bool IsMatch)> Routes { get; } = [];
    public RouteNode? Route { get; private set; }
    public RouteTarget? Target { get; private set; }

    public void Found(in FoundService service) => Service = service;

    public void Tried(VirtualServiceNode written, RouteNode route, string kind, bool isMatch) => Routes.Add((written, route, kind, isMatch));

    public void Chosen(RouteNode route, RouteTarget target) => (Route, Target) = (route, target);
}
