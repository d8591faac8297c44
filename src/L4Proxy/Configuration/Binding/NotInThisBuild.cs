namespace L4Proxy.Configuration.Binding;

/// <summary>
/// Keys of the product that this build does not honour. They are known by name, so that the message can say why, and refused by
/// value: a proxy that ignored where its certificate should come from would run without one.
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
}
