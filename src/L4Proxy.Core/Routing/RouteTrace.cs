namespace L4Proxy.Core.Routing;

/// <summary>What <see cref="RouteFinder"/> did, for people.</summary>
internal sealed class RouteTrace
{
    public FoundService Service { get; private set; }

    /// <summary>Virtual services of the destination, in order.</summary>
    public List<VirtualServiceNode> Considered { get; } = [];
    public List<(VirtualServiceNode Written, RouteNode Route, string Kind, bool IsMatch)> Routes { get; } = [];
    public RouteNode? Route { get; private set; }
    public RouteTarget? Target { get; private set; }

    public void Found(in FoundService service) => Service = service;

    public void Considers(VirtualServiceNode written) => Considered.Add(written);

    public void Tried(VirtualServiceNode written, RouteNode route, string kind, bool isMatch) => Routes.Add((written, route, kind, isMatch));

    public void Chosen(RouteNode route, RouteTarget target) => (Route, Target) = (route, target);
}
