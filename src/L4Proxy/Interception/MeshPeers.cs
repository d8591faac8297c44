using System.Collections.Immutable;
using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Routing;

namespace L4Proxy.Interception;

/// <summary>Destinations to which we originate mutual TLS; the first that matches counts.</summary>
internal sealed class MeshPeers(ImmutableArray<MeshPeerOptions> options)
{
    private readonly MeshPeer[] _peers = [.. options.Select(option => new MeshPeer(option))];

    /// <returns>Null: dialled in clear.</returns>
    public MeshPeer? Find(IPEndPoint destination)
    {
        foreach (var peer in _peers)
        {
            if (peer.Covers(destination))
            {
                return peer;
            }
        }
        return null;
    }
}

/// <summary>Peers of the mesh behind some destinations.</summary>
internal sealed class MeshPeer(MeshPeerOptions options)
{
    /// <summary>Of which one must be proven; empty: anyone our trust covers.</summary>
    public IReadOnlyCollection<SpiffeId> Identities { get; } = Identity(options.Identities);

    public bool Covers(IPEndPoint destination) =>
        (options.Port is null || options.Port == destination.Port) && options.Destination.Contains(destination.Address);

    /// <summary>How a leg to one of its ports is secured.</summary>
    public UpstreamSecurity Security(int port) => new(UpstreamSecurityKind.MeshTls, ServerName(port), [.. Identities], Tls: null);

    /// <summary>Istio's form, with both separators of an empty subset; empty when no host is configured.</summary>
    private string ServerName(int port) => options.Host.Length == 0 ? "" : $"outbound_.{port}_.{options.Subset}_.{options.Host}";

    /// <summary>The configuration has judged them; one that does not parse is a defect and must not become "anyone".</summary>
    /// <exception cref="FormatException">Not a SPIFFE ID.</exception>
    public static IReadOnlyCollection<SpiffeId> Identity(ImmutableArray<string> texts) =>
        [.. texts.Select(text => SpiffeId.TryParse(text, out var id, out var problem) ? id : throw new FormatException($"'{text}' {problem}"))];
}
