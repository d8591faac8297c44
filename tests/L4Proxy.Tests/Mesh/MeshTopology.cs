using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>
/// One network of pods, each with an address and a default route of its own, and a namespace <c>outside</c> of the mesh: the gateway, to
/// which lead all addresses that nobody has, and host of some services. No router advertisement, no address detection, nothing forwarded.
/// </summary>
internal sealed class MeshTopology : IDisposable
{
    public const string OutsideV4 = "10.77.0.1", OutsideV6 = "fd77::1";

    private readonly List<NetworkNamespace> _namespaces = [];

    public MeshTopology()
    {
        try
        {
            Outside = Add("outside");
            Outside.Ip($"""
                link add br0 type bridge
                link set br0 up
                addr add {OutsideV4}/24 dev br0
                addr add {OutsideV6}/64 dev br0 nodad
                """);
            for (var host = 1; host <= 9; host++)
            {
                Outside.Ip($"addr add {External(host)}/32 dev lo");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Outside { get; }

    /// <summary>An address outside of the mesh, 1 to 9.</summary>
    public static string External(int host) => $"10.88.0.{host}";

    public static string V4(int host) => $"10.77.0.{host}";

    public static string V6(int host) => $"fd77::{host}";

    /// <param name="role">Unique here, at most ten letters.</param>
    /// <param name="host">Last part of its addresses.</param>
    /// <param name="more">Last parts of further addresses of IPv4.</param>
    public NetworkNamespace AddPod(string role, int host, params IEnumerable<int> more)
    {
        var pod = Add(role);
        Outside.Ip($"""
            link add {role} type veth peer name eth0 netns {pod.Name}
            link set {role} master br0 up
            """);
        pod.Ip($"""
            link set eth0 up
            addr add {V4(host)}/24 dev eth0
            addr add {V6(host)}/64 dev eth0 nodad
            route add default via {OutsideV4}
            route add ::/0 via {OutsideV6}
            """);
        foreach (var address in more)
        {
            pod.Ip($"addr add {V4(address)}/24 dev eth0");
        }
        return pod;
    }

    public void Dispose() => _namespaces.ForEach(one => one.Dispose());

    private NetworkNamespace Add(string role)
    {
        var added = new NetworkNamespace(role);
        _namespaces.Add(added);
        return added;
    }
}
