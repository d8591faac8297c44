namespace L4Proxy.Core.Resources;

/// <summary>The kinds of Istio resource that have a meaning at layer 4. The name is the <c>kind</c> of the file.</summary>
public enum ResourceKind : byte
{
    PeerAuthentication,
    AuthorizationPolicy,
    ServiceEntry,
    WorkloadEntry,
    DestinationRule,
    VirtualService,
    Sidecar,
}
