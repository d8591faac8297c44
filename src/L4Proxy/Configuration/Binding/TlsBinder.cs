using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Configuration.Binding;

/// <summary>The sections and keys about identity and TLS. Their defaults need more than the file and come from <see cref="TlsDefaults"/>.</summary>
internal static class TlsBinder
{
    public static IdentityOptions Identity(Section section)
    {
        var defaults = new IdentityOptions();
        return new IdentityOptions
        {
            Source = NotInThisBuild.Source(section, defaults.Source),
            Certificate = section.Value("certificate", defaults.Certificate, ScalarText.AbsolutePath),
            PrivateKey = section.Value("privateKey", defaults.PrivateKey, ScalarText.AbsolutePath),
            TrustBundle = section.Value("trustBundle", defaults.TrustBundle, ScalarText.AbsolutePath),
            Crl = section.Value("crl", defaults.Crl, ScalarText.AbsolutePath),
            TrustDomainAliases = [.. section.ValueList("trustDomainAliases", [], broken: "", WorkloadText.TrustDomain)],
            FederatedBundles = section.Inner("federatedBundles", defaults.FederatedBundles, FederatedBundles),
        };
    }

    public static MeshOptions Mesh(Section section)
    {
        var defaults = new MeshOptions();
        return new MeshOptions
        {
            Mtls = section.Choice("mtls", defaults.Mtls, OptionKey.Word),
            MinTlsVersion = section.Choice("minTlsVersion", defaults.MinTlsVersion, OptionKey.Word),
            Resources = section.Value("resources", defaults.Resources, ScalarText.AbsolutePath),
            RootNamespace = section.Value("rootNamespace", defaults.RootNamespace, WorkloadText.Name),
            OutboundTrafficPolicy = section.Choice("outboundTrafficPolicy", defaults.OutboundTrafficPolicy, OptionKey.Word),
            LearnEgress = section.Value("learnEgress", defaults.LearnEgress, ScalarText.AbsolutePath),
            PolicyDryRun = section.Switch("policyDryRun", defaults.PolicyDryRun),
            OnPolicyChange = section.Choice("onPolicyChange", defaults.OnPolicyChange),
            PolicyChangeSpread = section.Duration("policyChangeSpread", defaults.PolicyChangeSpread, zero: "at once"),
            Peers = [.. section.InnerList("peers", new MeshPeerOptions(default(IPNetwork)), MeshPeer)],
        };
    }

    /// <summary>Who may be at the other end: <c>peer</c> or <c>peers</c>.</summary>
    public static ImmutableArray<string> ForwardPeers(Section forward)
    {
        var one = forward.Value("peer", null, PeerText.Identity);
        var several = forward.NonEmptyList("peers", broken: "", PeerText.Identity);
        if (forward.Has("peer"))
        {
            forward.Refuse("peers", "cannot stand beside peer; write all of them under peers and remove peer");
        }
        return one is null ? several : [one];
    }

    private static ImmutableSortedDictionary<string, string> FederatedBundles(Section section) =>
        // Distinct: keys that were refused have all become "".
        section.Entries(WorkloadText.TrustDomain, ScalarText.AbsolutePath).DistinctBy(bundle => bundle.Key, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static MeshPeerOptions MeshPeer(Section section) =>
        new(section.Required("destination", default, "10.0.0.0/8", ScalarText.Network))
        {
            Port = section.PortOrOff("port"),
            Host = section.Value("host", "", PeerText.ServerName),
            Subset = section.Value("subset", "", PeerText.Subset),
            Identities = section.NonEmptyList("identities", broken: "", PeerText.Identity),
        };
}
