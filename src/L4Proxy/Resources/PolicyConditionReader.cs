using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Resources;

/// <summary><c>when[]</c>: a fact by its name, and the values it may or may not have.</summary>
internal static class PolicyConditionReader
{
    private static readonly string[] _keys =
    [
        "source.ip", "remote.ip", "source.namespace", "source.principal", "source.serviceAccount", "source.trustDomain", "destination.ip",
        "destination.port", "connection.sni",
    ];

    /// <returns>Null for a fact that only HTTP has.</returns>
    public static PolicyMatch? Read(Section condition, RuleReading reading)
    {
        if (!condition.Has("values") & !condition.Has("notValues"))
        {
            condition.Fail("has neither values nor notValues; add one of them");
        }
        var key = condition.Required("key", "", "source.namespace", Key);
        var match = new PolicyMatch { Line = condition.Position.Line };
        switch (key)
        {
            case "source.ip":
                return match with { SourceNetworks = Yes(ResourceText.Network), NotSourceNetworks = No(ResourceText.Network) };
            case "remote.ip":
                return match with { RemoteNetworks = Yes(ResourceText.Network), NotRemoteNetworks = No(ResourceText.Network) };
            case "destination.ip":
                return match with { DestinationNetworks = Yes(ResourceText.Network), NotDestinationNetworks = No(ResourceText.Network) };
            case "destination.port":
                return match with { Ports = Yes(PolicyText.Port), NotPorts = No(PolicyText.Port) };
            case "source.namespace":
                return match with { Namespaces = Yes(PolicyText.Namespace), NotNamespaces = No(PolicyText.Namespace) };
            case "source.principal":
                return match with { Principals = Yes(PolicyText.Principal), NotPrincipals = No(PolicyText.Principal) };
            case "source.trustDomain":
                return match with { TrustDomains = Yes(PolicyText.TrustDomain), NotTrustDomains = No(PolicyText.TrustDomain) };
            case "source.serviceAccount":
                return match with { ServiceAccounts = Yes(Account), NotServiceAccounts = No(Account) };
            case "connection.sni":
                return match with { ServerNames = Yes(PolicyText.ServerName), NotServerNames = No(PolicyText.ServerName) };
            default:
                reading.NoteHttp(key);
                Yes((text, _) => text);
                No((text, _) => text);
                return null;
        }

        System.Collections.Immutable.ImmutableArray<T> Yes<T>(Func<string, Action<string>, T> parse) => condition.Values("values", parse);

        System.Collections.Immutable.ImmutableArray<T> No<T>(Func<string, Action<string>, T> parse) => condition.Values("notValues", parse);

        ServiceAccount Account(string text, Action<string> warn) => PolicyText.ServiceAccount(text, reading.Namespace);
    }

    private static string Key(string text) => _keys.Contains(text, StringComparer.Ordinal) || text.StartsWith("request.", StringComparison.Ordinal)
        ? text
        : throw new FormatException($"'{text}' is not a fact that is known here; {Suggestion.For(text, _keys)}");
}
