namespace L4Proxy.Configuration.Binding;

/// <summary>
/// Keys of the product that this build does not honour. They are known by name, so that the message can say why, and refused by
/// value: a proxy that ignored <c>mtls: STRICT</c> would pass plaintext where its operator believes otherwise.
/// </summary>
internal static class NotInThisBuild
{
    private const string NoTls = "this build forwards bytes as they are and cannot terminate or originate TLS";

    public static void Identity(Section root) => root.Inner("identity", 0, section =>
    {
        section.Value("source", "none", Only("none", ["files", "workloadApi", "istioCa"], $"{NoTls}, so no identity can be used"));
        foreach (var key in (string[])["certificate", "privateKey", "trustBundle"])
        {
            section.Refuse(key, $"has no effect because {NoTls}; remove it");
        }
        return 0;
    });

    public static void Mesh(Section root) => root.Inner("mesh", 0, section =>
    {
        section.Value("mtls", "DISABLE", Only("DISABLE", ["STRICT", "PERMISSIVE"], NoTls));
        section.Value("outboundTrafficPolicy", "ALLOW_ANY",
            Only("ALLOW_ANY", ["REGISTRY_ONLY"], "this build knows no service registry and would have to refuse every destination"));
        section.Refuse("resources", "this build reads no mesh resources, so no policy would be enforced; remove it");
        return 0;
    });

    public static void ForwardTls(Section forward)
    {
        forward.Value("tls", "none", Only("none", ["terminate", "originate"], NoTls));
        forward.Refuse("peer", $"has no effect because {NoTls}; remove it");
        forward.Refuse("peers", $"has no effect because {NoTls}; remove it");
    }

    /// <summary>A limit on handshakes is kept by a build that makes none, so any right value is taken and a wrong one is still an error.</summary>
    public static void Handshake(Section timeouts) => timeouts.Duration("handshake", TimeSpan.FromSeconds(5));

    /// <inheritdoc cref="Handshake"/>
    public static void HandshakesInFlight(Section limits) =>
        limits.Value("handshakesInFlight", null, text => ScalarText.NumberOrAuto(text, 1, int.MaxValue));

    public static void ConnectionsPerDestination(Section limits) => limits.Value("maxConnectionsPerDestination", "0", text => text == "0"
        ? text
        : throw new FormatException($"'{text}' is not possible: limits per destination come with routing, which this build does not have; write 0 (off) or remove the key"));

    private static Func<string, string> Only(string accepted, string[] refused, string reason) => text =>
        text == accepted ? text
        : refused.Contains(text) ? throw new FormatException($"'{text}' is not possible: {reason}; write {accepted} or remove the key")
        : throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, [accepted, .. refused])}");
}
