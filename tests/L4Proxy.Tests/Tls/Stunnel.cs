namespace L4Proxy.Tests.Tls;

/// <summary>stunnel at either end of TLS. It offers and chooses no ALPN.</summary>
internal static class Stunnel
{
    public static IReadOnlyList<string> Client(ClientTask task, int listen) => Configured(task.Pki, $"stunnel-{listen}.conf", $"""
        {Global}
        [out]
        client = yes
        accept = {Loopback.Port(listen)}
        connect = {Loopback.Port(task.Port)}
        sni = {task.Sni}
        {Trust(task.Pki, task.Leaf, task.Version)}

        """);

    public static IReadOnlyList<string> Server(ServerTask task, int backend) => Configured(task.Pki, $"stunnel-{task.Port}.conf", $"""
        {Global}
        [in]
        accept = {Loopback.Port(task.Port)}
        connect = {Loopback.Port(backend)}
        requireCert = yes
        {Trust(task.Pki, task.Leaf, task.Version)}

        """);

    // In the foreground, no file for its process id, and what it says on standard error.
    private const string Global = """
        foreground = yes
        pid =
        debug = notice
        """;

    private static string Trust(TestPki pki, Leaf leaf, string version) => $"""
        cert = {leaf.Chain}
        key = {leaf.Key}
        CAfile = {pki.RootFile}
        verifyChain = yes
        sslVersion = TLSv{version}
        """;

    private static string[] Configured(TestPki pki, string name, string text) => [pki.Write(name, text)];
}
