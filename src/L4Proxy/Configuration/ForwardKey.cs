namespace L4Proxy.Configuration;

/// <summary>One key of a static listener and its value in words. All of them count for new connections; where it listens is what it is.</summary>
/// <param name="Name">Below <c>forward[…]</c>.</param>
/// <param name="NeedsIdentity">Says something about TLS, which is nothing without an identity.</param>
internal sealed record ForwardKey(string Name, bool NeedsIdentity, Func<ForwardOptions, string> Value)
{
    public static IReadOnlyList<ForwardKey> All { get; } =
    [
        new("upstream", false, forward => forward.Upstream.ToString()),
        new("tls", true, forward => OptionKey.Word(forward.Tls)),
        new("peers", true, forward => OptionKey.List(forward.Peers)),
        new("sni", true, forward => $"'{forward.Sni}'"),
        new("proxyProtocol.accept", false, forward => OptionKey.List(forward.ProxyProtocol.Accept)),
        new("proxyProtocol.send", false, forward => OptionKey.Word(forward.ProxyProtocol.Send)),
    ];
}
