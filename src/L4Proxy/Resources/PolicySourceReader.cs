using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Resources;

/// <summary><c>from[].source</c>: who calls.</summary>
internal static class PolicySourceReader
{
    private static readonly string[] _ours =
    [
        "principals", "notPrincipals", "namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts", "trustDomains",
        "notTrustDomains", "ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks",
    ];

    /// <returns>Null when it has no condition but what only HTTP has.</returns>
    public static PolicyMatch? Read(Section source, RuleReading reading)
    {
        var isHttp = reading.NoteHttp(source, "requestPrincipals", "notRequestPrincipals");
        var isOurs = Array.Exists(_ours, source.Has);
        if (source.IsEmpty)
        {
            source.Fail("is empty; name at least one condition, or remove 'from' where every caller is meant");
        }
        if ((source.Has("serviceAccounts") || source.Has("notServiceAccounts"))
            && Array.Exists(["principals", "notPrincipals", "namespaces", "notNamespaces"], source.Has))
        {
            source.Fail("has service accounts beside principals or namespaces, which Istio refuses; keep one of them");
        }
        var match = new PolicyMatch
        {
            Line = source.Position.Line,
            Principals = source.Values("principals", PolicyText.Principal),
            NotPrincipals = source.Values("notPrincipals", PolicyText.Principal),
            Namespaces = source.Values("namespaces", PolicyText.Namespace),
            NotNamespaces = source.Values("notNamespaces", PolicyText.Namespace),
            ServiceAccounts = ServiceAccounts(source, "serviceAccounts", reading),
            NotServiceAccounts = ServiceAccounts(source, "notServiceAccounts", reading),
            TrustDomains = source.Values("trustDomains", PolicyText.TrustDomain),
            NotTrustDomains = source.Values("notTrustDomains", PolicyText.TrustDomain),
            SourceNetworks = source.Values("ipBlocks", ResourceText.Network),
            NotSourceNetworks = source.Values("notIpBlocks", ResourceText.Network),
            RemoteNetworks = source.Values("remoteIpBlocks", ResourceText.Network),
            NotRemoteNetworks = source.Values("notRemoteIpBlocks", ResourceText.Network),
        };
        return isOurs ? match : null;
    }

    private static ImmutableArray<ServiceAccount> ServiceAccounts(Section source, string key, RuleReading reading)
    {
        var accounts = source.Values(key, (text, _) => PolicyText.ServiceAccount(text, reading.Namespace));
        if (accounts.Length > PolicyText.MaxServiceAccounts)
        {
            source.Fail(key, $"has {accounts.Length} service accounts; Istio allows {PolicyText.MaxServiceAccounts}, divide them among several sources");
        }
        return accounts;
    }
}
