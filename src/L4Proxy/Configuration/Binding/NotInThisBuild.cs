namespace L4Proxy.Configuration.Binding;

/// <summary>
/// Keys of the product that this build does not honour. They are known by name, so that the message can say why, and refused by
/// value: a proxy that ignored <c>outboundTrafficPolicy: REGISTRY_ONLY</c> would dial where its operator believes it cannot.
/// </summary>
internal static class NotInThisBuild
{
    private const string NoAgent = "this build takes its certificate from files and asks no agent for one";

    public static IdentitySource Source(Section identity, IdentitySource fallback) => identity.Value("source", fallback, text => text switch
    {
        "none" => IdentitySource.None,
        "files" => IdentitySource.Files,
        "workloadApi" or "istioCa" => throw new FormatException($"'{text}' is not possible: {NoAgent}; write files or none"),
        _ => throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, ["none", "files", "workloadApi", "istioCa"])}"),
    });

    public static void Mesh(Section mesh)
    {
        mesh.Value("outboundTrafficPolicy", "ALLOW_ANY",
            Only("ALLOW_ANY", ["REGISTRY_ONLY"], "this build knows no service registry and would have to refuse every destination"));
        mesh.Refuse("resources", "this build reads no mesh resources, so no policy would be enforced; remove it");
    }

    public static void ConnectionsPerDestination(Section limits) => limits.Value("maxConnectionsPerDestination", "0", text => text == "0"
        ? text
        : throw new FormatException($"'{text}' is not possible: limits per destination come with routing, which this build does not have; write 0 (off) or remove the key"));

    private static Func<string, string> Only(string accepted, string[] refused, string reason) => text =>
        text == accepted ? text
        : refused.Contains(text) ? throw new FormatException($"'{text}' is not possible: {reason}; write {accepted} or remove the key")
        : throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, [accepted, .. refused])}");
}
