using System.Globalization;

namespace L4Proxy.Tests.Tls;

/// <summary>GnuTLS' own client and server. They know no server name with an underscore.</summary>
internal static class GnuTls
{
    // The name in the certificate is a URI, and gnutls-cli compares DNS names only; what it says goes to a file because its output is ours.
    public static IReadOnlyList<string> Client(ClientTask task) =>
    [
        "--port", Port(task.Port), "127.0.0.1", "--sni-hostname", ClientTask.DnsLegalSni, "--alpn", "istio",
        "--no-ca-verification", "--x509certfile", task.Leaf.Chain, "--x509keyfile", task.Leaf.Key,
        "--priority", Priority(task.Version), "--logfile", "/dev/stderr",
    ];

    public static IReadOnlyList<string> Server(ServerTask task) =>
    [
        "--quiet", "--echo", "--port", Port(task.Port), "--x509certfile", task.Leaf.Chain, "--x509keyfile", task.Leaf.Key,
        "--x509cafile", task.Pki.RootFile, "--require-client-cert", "--verify-client-cert", "--alpn", "istio",
        "--priority", Priority(task.Version),
    ];

    private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static string Priority(string version) => $"NORMAL:-VERS-ALL:+VERS-TLS{version}";
}
