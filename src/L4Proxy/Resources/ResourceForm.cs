using System.Collections.Immutable;
using L4Proxy.Core.Resources;
using L4Proxy.Resources.Traffic;

namespace L4Proxy.Resources;

/// <summary>One kind of resource: what it is called in a file and how it becomes its normal form.</summary>
/// <param name="Kind">As <c>kind</c> says it.</param>
/// <param name="Group">Of <c>apiVersion</c>.</param>
/// <param name="Versions">Of the group.</param>
internal abstract record ResourceForm(ResourceKind Kind, string Group, ImmutableArray<string> Versions)
{
    /// <summary>Every kind that can be read.</summary>
    public static ImmutableArray<ResourceForm> All { get; } =
    [
        Security<Core.Policy.PeerAuthentication>(ResourceKind.PeerAuthentication, PeerAuthenticationReader.Read, PeerAuthenticationReader.Move),
        Security<Core.Policy.AuthorizationPolicy>(ResourceKind.AuthorizationPolicy, AuthorizationPolicyReader.Read, AuthorizationPolicyReader.Move),
        Networking<Core.Routing.Service>(ResourceKind.ServiceEntry, ServiceEntryReader.Read, ServiceEntryReader.Move),
        Networking<Core.Routing.WorkloadEntry>(ResourceKind.WorkloadEntry, WorkloadEntryReader.Read, WorkloadEntryReader.Move),
        Networking<Core.Routing.DestinationRule>(ResourceKind.DestinationRule, DestinationRuleReader.Read, DestinationRuleReader.Move),
        Networking<Core.Routing.VirtualService>(ResourceKind.VirtualService, VirtualServiceReader.Read, VirtualServiceReader.Move),
        Networking<Core.Routing.Sidecar>(ResourceKind.Sidecar, SidecarReader.Read, SidecarReader.Move),
    ];

    /// <summary>Reads the resource. What is wrong is said through the document's spec; the result counts only if nothing was.</summary>
    public abstract object Read(ResourceDocument document);

    /// <summary>
    /// The same resource where lines were inserted or removed above it, or its file renamed: it is not parsed again for that.
    /// </summary>
    /// <param name="resource">As it was read.</param>
    /// <param name="origin">Where it stands now.</param>
    /// <param name="lines">To add to every line number in it.</param>
    public abstract object Move(object resource, Origin origin, int lines);

    private static ResourceForm<T> Security<T>(ResourceKind kind, Func<ResourceDocument, T> read, Func<T, Origin, int, T> move)
        where T : class => new(kind, "security.istio.io", ["v1", "v1beta1"], read, move);

    private static ResourceForm<T> Networking<T>(ResourceKind kind, Func<ResourceDocument, T> read, Func<T, Origin, int, T> move)
        where T : class => new(kind, "networking.istio.io", ["v1", "v1beta1", "v1alpha3"], read, move);
}

/// <inheritdoc cref="ResourceForm"/>
/// <typeparam name="T">Its normal form.</typeparam>
internal sealed record ResourceForm<T>(
    ResourceKind Kind, string Group, ImmutableArray<string> Versions, Func<ResourceDocument, T> Reader, Func<T, Origin, int, T> Mover)
    : ResourceForm(Kind, Group, Versions)
    where T : class
{
    public override object Read(ResourceDocument document) => Reader(document);

    public override object Move(object resource, Origin origin, int lines) => Mover((T)resource, origin, lines);
}
