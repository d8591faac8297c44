using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;

namespace L4Proxy.Configuration;

/// <summary>What the keys about identity and TLS mean together.</summary>
internal sealed class TlsRules(ProxyOptions options, ConfigurationDocument document)
{
    private const string WhatWouldDo = "write 'identity: {source: files, certificate: /..., privateKey: /..., trustBundle: /...}'";

    private readonly IdentityOptions _identity = options.Identity;

    /// <summary>False as well when it is not known whether there is one: that has been said then.</summary>
    private bool IsWithoutIdentity => _identity.Source == IdentitySource.None && document.AreSound("identity", "identity.source");

    public void Check()
    {
        if (document.AreSound("identity"))
        {
            FilesAreComplete();
            DomainsAreDistinct();
        }
        MeshIsPossible();
        foreach (var (index, forward) in options.Forward.Index())
        {
            ForwardIsPossible($"forward[{index}]", forward);
        }
    }

    private void FilesAreComplete()
    {
        (string Path, string File)[] set =
            [("identity.certificate", _identity.Certificate), ("identity.privateKey", _identity.PrivateKey), ("identity.trustBundle", _identity.TrustBundle)];
        if (_identity.Source == IdentitySource.Files)
        {
            var isPartial = set.Any(key => key.File.Length > 0) && document.AreSound([.. set.Select(key => key.Path)]);
            foreach (var (path, _) in set.Where(key => isPartial && key.File.Length == 0))
            {
                document.Refuse(path, "is missing; certificate, privateKey and trustBundle belong together, write all three, or none for Istio's locations", at: "identity");
            }
            return;
        }
        (string Path, bool IsSet)[] useless =
        [
            .. set.Select(key => (key.Path, key.File.Length > 0)),
            ("identity.crl", _identity.Crl.Length > 0),
            ("identity.trustDomainAliases", !_identity.TrustDomainAliases.IsEmpty),
            ("identity.federatedBundles", !_identity.FederatedBundles.IsEmpty),
        ];
        foreach (var (path, _) in useless.Where(key => key.IsSet && IsWithoutIdentity && document.AreSound(key.Path)))
        {
            document.Refuse(path, "has no effect because identity.source is none; write 'source: files' or remove it");
        }
    }

    private void DomainsAreDistinct()
    {
        var own = options.Workload.TrustDomain;
        foreach (var (index, alias) in _identity.TrustDomainAliases.Index())
        {
            if (alias == own && document.AreSound("workload.trustDomain"))
            {
                document.Refuse($"identity.trustDomainAliases[{index}]", $"'{alias}' is our own trust domain (workload.trustDomain); remove it");
            }
        }
        foreach (var domain in _identity.FederatedBundles.Keys)
        {
            var path = $"identity.federatedBundles.{domain}";
            if (domain == own && document.AreSound("workload.trustDomain"))
            {
                document.Refuse(path, $"'{domain}' is our own trust domain (workload.trustDomain), whose anchors are in identity.trustBundle; remove it");
            }
            else if (_identity.TrustDomainAliases.Contains(domain, StringComparer.Ordinal))
            {
                document.Refuse(path, $"'{domain}' is one of trustDomainAliases, which are judged by our own bundle; name it in one of the two places");
            }
        }
    }

    private void MeshIsPossible()
    {
        var mesh = options.Mesh;
        if (mesh.Mtls != MtlsMode.Disable && IsWithoutIdentity && document.AreSound("mesh.mtls"))
        {
            document.Refuse("mesh.mtls", $"'{OptionKey.Word(mesh.Mtls)}' needs a certificate, and identity.source is none; {WhatWouldDo}, or DISABLE");
        }
        // A default needs no inbound; STRICT was asked for by somebody who would believe it kept.
        else if (mesh.Mtls == MtlsMode.Strict && options.Capture.Inbound is null && document.AreSound("capture", "capture.inbound"))
        {
            document.Refuse("mesh.mtls",
                "'STRICT' has no effect without capture.inbound: it is demanded there; add inbound, or write 'tls: terminate' in the forward it is meant for");
        }
        if (mesh.Peers.IsEmpty || !document.AreSound("mesh.peers"))
        {
            return;
        }
        if (options.Capture.Outbound is null && document.AreSound("capture", "capture.outbound"))
        {
            document.Refuse("mesh.peers",
                "has no effect without capture.outbound: only what is captured there is secured; add outbound or remove peers");
        }
        else if (IsWithoutIdentity)
        {
            document.Refuse("mesh.peers", $"needs a certificate, and identity.source is none; {WhatWouldDo}, or remove peers");
        }
        foreach (var (index, peer) in mesh.Peers.Index())
        {
            var path = $"mesh.peers[{index}]";
            if (peer.Subset.Length > 0 && peer.Host.Length == 0 && document.AreSound($"{path}.host"))
            {
                document.Refuse($"{path}.subset", "has no effect without host: both go into the server name; add host or remove subset");
            }
            PeersCanBeJudged($"{path}.identities", peer.Identities);
            IsReached(path, index);
        }
    }

    private void IsReached(string path, int index)
    {
        var peer = options.Mesh.Peers[index];
        for (var first = 0; first < index; first++)
        {
            var other = options.Mesh.Peers[first];
            if (document.AreSound($"{path}.destination", $"{path}.port", $"mesh.peers[{first}].destination", $"mesh.peers[{first}].port")
                && other.Destination.PrefixLength <= peer.Destination.PrefixLength && other.Destination.Contains(peer.Destination.BaseAddress)
                && (other.Port is null || other.Port == peer.Port))
            {
                document.Refuse(path, $"is never reached because mesh.peers[{first}] ({other.Destination}) matches first; move it up or remove it");
                return;
            }
        }
    }

    private void ForwardIsPossible(string path, ForwardOptions forward)
    {
        if (!document.AreSound(path, $"{path}.tls"))
        {
            return;
        }
        var peers = document.IsWritten($"{path}.peer") ? $"{path}.peer" : $"{path}.peers";
        if (forward.Tls != ForwardTls.None && IsWithoutIdentity)
        {
            document.Refuse($"{path}.tls", $"'{OptionKey.Word(forward.Tls)}' needs a certificate, and identity.source is none; {WhatWouldDo}, or none");
        }
        if (forward.Tls == ForwardTls.None && !forward.Peers.IsEmpty && document.AreSound($"{path}.peer", $"{path}.peers"))
        {
            document.Refuse(peers, "has no effect without TLS, so anybody would be let in; write 'tls: terminate' or 'tls: originate', or remove it");
        }
        if (forward.Tls != ForwardTls.Originate && forward.Sni.Length > 0 && document.AreSound($"{path}.sni"))
        {
            document.Refuse($"{path}.sni", "has no effect: a server name is sent only when originating; write 'tls: originate' or remove it");
        }
        PeersCanBeJudged(peers, forward.Peers);
    }

    /// <summary>A peer is judged by the bundle of its own trust domain, so one without a bundle could never be let in.</summary>
    private void PeersCanBeJudged(string path, ImmutableArray<string> peers)
    {
        if (_identity.Source == IdentitySource.None || !document.AreSound("workload.trustDomain", "identity", "identity.federatedBundles"))
        {
            return;
        }
        foreach (var (index, peer) in peers.Index())
        {
            var place = path.EndsWith(".peer", StringComparison.Ordinal) ? path : $"{path}[{index}]";
            if (SpiffeId.TryParse(peer, out var id, out _) && !IsTrusted(id.TrustDomain.Name) && document.AreSound(place))
            {
                document.Refuse(place, $"no bundle is configured for the trust domain '{id.TrustDomain}', so nobody of it can be believed; "
                    + $"add it to identity.federatedBundles, or to trustDomainAliases if it is our own by another name");
            }
        }
    }

    private bool IsTrusted(string domain) =>
        domain == options.Workload.TrustDomain || _identity.TrustDomainAliases.Contains(domain, StringComparer.Ordinal) || _identity.FederatedBundles.ContainsKey(domain);
}
