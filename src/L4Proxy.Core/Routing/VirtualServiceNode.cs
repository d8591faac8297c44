namespace L4Proxy.Core.Routing;

/// <summary>A virtual service that this workload sees, made ready.</summary>
internal sealed class VirtualServiceNode : IPreceding<VirtualServiceNode>
{
    private readonly RoutingContext _context;

    public VirtualServiceNode(RoutingContext context, VirtualService written)
    {
        (_context, Written) = (context, written);
        Tls = Compile(written.Tls);
        Tcp = Compile(written.Tcp);
    }

    public VirtualService Written { get; }
    public RouteNode[] Tls { get; }
    public RouteNode[] Tcp { get; }

    public bool Precedes(VirtualServiceNode other) => _context.Compare(Written.Origin, other.Written.Origin) < 0;

    private RouteNode[] Compile(IEnumerable<RouteRule> rules) =>
        [.. rules.Select(rule => RouteNode.Compile(Written.Origin, rule, _context.Workload)).OfType<RouteNode>()];
}
