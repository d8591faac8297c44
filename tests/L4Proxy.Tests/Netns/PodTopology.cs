namespace L4Proxy.Tests.Netns;

/// <summary>
/// Three namespaces: <c>client</c> (a remote host, and the addresses of an external one) — <c>pod</c> (application and proxy) —
/// <c>guest</c> (a machine behind the pod, whose traffic the pod forwards). IPv4 and IPv6; no router advertisement, no address detection.
/// </summary>
internal sealed class PodTopology : IDisposable
{
    public const string ClientV4 = "10.77.0.1", ClientV6 = "fd77::1";
    public const string PodV4 = "10.77.0.2", PodV6 = "fd77::2";
    public const string ExternalV4 = "10.88.0.1", ExternalV6 = "fd88::1";
    public const string GuestV4 = "172.30.0.2", GuestV6 = "fd30::2";

    /// <summary>Addresses of a service; nobody has them, a proxy maps them to the pod itself.</summary>
    public const string ServiceV4 = "10.96.0.10", ServiceV6 = "fd96::10";

    /// <summary>The pod's interface toward the guest.</summary>
    public const string GuestInterface = "eth1";

    private readonly List<NetworkNamespace> _namespaces = [];

    public PodTopology()
    {
        try
        {
            (Client, Pod, Guest) = (Add("client"), Add("pod"), Add("guest"));
            Client.Ip($"link add eth0 type veth peer name eth0 netns {Pod.Name}");
            Guest.Ip($"link add eth0 type veth peer name eth1 netns {Pod.Name}");
            Client.Ip($"""
                link set eth0 up
                addr add {ClientV4}/24 dev eth0
                addr add {ClientV6}/64 dev eth0 nodad
                addr add {ExternalV4}/32 dev lo
                addr add {ExternalV6}/128 dev lo nodad
                """);
            Pod.MustRun("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
            Pod.Ip($"""
                link set eth0 up
                link set eth1 up
                addr add {PodV4}/24 dev eth0
                addr add {PodV6}/64 dev eth0 nodad
                addr add 172.30.0.1/24 dev eth1
                addr add fd30::1/64 dev eth1 nodad
                route add default via {ClientV4}
                route add ::/0 via {ClientV6}
                """);
            Guest.Ip($"""
                link set eth0 up
                addr add {GuestV4}/24 dev eth0
                addr add {GuestV6}/64 dev eth0 nodad
                route add default via 172.30.0.1
                route add ::/0 via fd30::1
                """);
            Client.Ip($"""
                route add 172.30.0.0/24 via {PodV4}
                route add fd30::/64 via {PodV6}
                """);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Client { get; }

    public NetworkNamespace Pod { get; }

    public NetworkNamespace Guest { get; }

    public void Dispose() => _namespaces.ForEach(one => one.Dispose());

    private NetworkNamespace Add(string role)
    {
        var added = new NetworkNamespace(role);
        _namespaces.Add(added);
        return added;
    }
}
