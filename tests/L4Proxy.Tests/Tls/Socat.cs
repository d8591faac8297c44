using System.Globalization;

namespace L4Proxy.Tests.Tls;

/// <summary>socat at either end of TLS, for one connection. It offers and chooses no ALPN.</summary>
internal static class Socat
{
    public static IReadOnlyList<string> Client(ClientTask task, int listen) =>
    [
        .. Patient, Listen(listen),
        // An empty common name: the chain is verified, the name of the host is not, which no SPIFFE certificate has.
        string.Create(CultureInfo.InvariantCulture,
            $"OPENSSL:127.0.0.1:{task.Port},snihost={task.Sni},openssl-commonname=,{Trust(task.Pki, task.Leaf, task.Version)}"),
    ];

    public static IReadOnlyList<string> Server(ServerTask task, int backend) =>
    [
        .. Patient,
        string.Create(CultureInfo.InvariantCulture,
            $"OPENSSL-LISTEN:{task.Port},bind=127.0.0.1,reuseaddr,openssl-commonname=,{Trust(task.Pki, task.Leaf, task.Version)}"),
        $"TCP:{Loopback.Port(backend)}",
    ];

    // After one side has ended, socat waits so many seconds for the other; half a second is its default.
    private static readonly string[] Patient = ["-d", "-t", "30"];

    private static string Listen(int port) => string.Create(CultureInfo.InvariantCulture, $"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr");

    private static string Trust(TestPki pki, Leaf leaf, string version) =>
        $"cert={leaf.All},cafile={pki.RootFile},verify=1,openssl-min-proto-version=TLS{version},openssl-max-proto-version=TLS{version}";
}
