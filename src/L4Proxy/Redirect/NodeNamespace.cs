using System.Net.NetworkInformation;

namespace L4Proxy.Redirect;

/// <summary>
/// Tells a node's network namespace from a pod's by its interfaces: rules set in there (hostNetwork: true) would capture the node's own
/// traffic. The injector leaves such pods alone; this is the second line.
/// </summary>
internal static class NodeNamespace
{
    private static readonly string[] NodeInterfaces = ["cni0", "cilium_host", "kube-ipvs0", "kube-bridge", "flannel.1", "docker0"];

    public static string? Refusal(RedirectOptions options) =>
        Refusal(options, NetworkInterface.GetAllNetworkInterfaces().Select(candidate => candidate.Name));

    internal static string? Refusal(RedirectOptions options, IEnumerable<string> interfaces) =>
        interfaces.FirstOrDefault(name => NodeInterfaces.Contains(name, StringComparer.Ordinal)
            && !options.GuestInterfaces.Contains(name, StringComparer.Ordinal)) is { } found
            ? $"this looks like a node's network namespace, not a pod's (it has the interface {found}), and rules here would capture the node's own "
              + $"traffic; do not use the sidecar with hostNetwork, or, if {found} belongs to guests of this pod, name it in --guest-interfaces."
            : null;
}
