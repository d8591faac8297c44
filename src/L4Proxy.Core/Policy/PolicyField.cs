namespace L4Proxy.Core.Policy;

/// <summary>What a condition of a <see cref="PolicyMatch"/> is about; each has a positive field and a not-field.</summary>
internal enum PolicyField : byte
{
    Principals,
    Namespaces,
    ServiceAccounts,
    TrustDomains,
    SourceNetworks,
    RemoteNetworks,
    DestinationNetworks,
    Ports,
    ServerNames,
}
