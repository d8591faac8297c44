namespace L4Proxy.Core.Routing;

/// <summary>Why a service covers a destination.</summary>
internal enum Covering : byte
{
    None,

    /// <summary>It is an address of the service.</summary>
    Address,

    /// <summary>It is the address of an endpoint.</summary>
    Endpoint,

    /// <summary>It lies in a network of the service.</summary>
    Network,

    /// <summary>The client asks for a name of the service, which has no addresses.</summary>
    ServerName,

    /// <summary>The port is that of a service without addresses.</summary>
    AnyAddress,
}

/// <param name="Port">Null: none covers the destination.</param>
/// <param name="Covering">Why.</param>
/// <param name="Key">What of the service it was found by.</param>
internal readonly record struct FoundService(PortNode? Port, Covering Covering, AddressKey Key);

/// <summary>The name, or the network, that virtual services were found by.</summary>
internal readonly ref struct RouteLevel(ReadOnlySpan<char> text, AddressKey network)
{
    public ReadOnlySpan<char> Text { get; } = text;
    public AddressKey Network { get; } = network;
    public bool IsNetwork => Network != default;
}
