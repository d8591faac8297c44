namespace L4Proxy.Tests.Tls;

/// <summary>The `openssl` command line at either end; the bytes of the connection are its standard input and output.</summary>
internal static class OpenSsl
{
    /// <summary>Ends with close_notify when its input ends, and never takes a byte of it for a command.</summary>
    public static IReadOnlyList<string> Client(ClientTask task, params IEnumerable<string> more) =>
    [
        "s_client", "-connect", Loopback.Port(task.Port), "-servername", task.Sni,
        // -cert reads the leaf alone; the intermediate must be named apart.
        "-cert", task.Leaf.Certificate, "-cert_chain", task.Pki.IntermediateFile, "-key", task.Leaf.Key,
        "-CAfile", task.Pki.RootFile, "-verify_return_error",
        "-quiet", "-no_ign_eof", "-nocommands", Version(task.Version), .. more,
    ];

    /// <summary>Serves one connection after the other, and quietly: its output is what the client said.</summary>
    public static IReadOnlyList<string> Server(ServerTask task, params IEnumerable<string> more) =>
    [
        "s_server", "-accept", Loopback.Port(task.Port),
        "-cert", task.Leaf.Certificate, "-cert_chain", task.Pki.IntermediateFile, "-key", task.Leaf.Key,
        .. task.AsksForCertificate ? (string[])["-CAfile", task.Pki.RootFile, "-Verify", "3", "-verify_return_error"] : [],
        "-quiet", Version(task.Version), .. more,
    ];

    private static string Version(string version) => "-tls" + version.Replace('.', '_');
}
