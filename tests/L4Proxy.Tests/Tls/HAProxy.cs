namespace L4Proxy.Tests.Tls;

/// <summary>HAProxy at either end of TLS; sessions are reused, as by default.</summary>
internal static class HAProxy
{
    // verify none: it would compare the server name with the names of the certificate, which are URIs.
    public static IReadOnlyList<string> Client(ClientTask task, int listen) => Configured(task.Pki, $"haproxy-{listen}.cfg", $"""
        {Defaults}
        listen out
          bind {Loopback.Port(listen)}
          server peer {Loopback.Port(task.Port)} ssl crt {task.Leaf.All} ca-file {task.Pki.RootFile} verify none sni str({task.Sni}) alpn istio-peer-exchange,istio ssl-min-ver TLSv{task.Version} ssl-max-ver TLSv{task.Version}

        """);

    public static IReadOnlyList<string> Server(ServerTask task, int backend) => Configured(task.Pki, $"haproxy-{task.Port}.cfg", $"""
        {Defaults}
        listen in
          log stderr format raw local0
          log-format "sni=%[ssl_fc_sni] alpn=%[ssl_fc_alpn] verify=%[ssl_c_verify] version=%[ssl_fc_protocol] resumed=%[ssl_fc_is_resumed]"
          bind {Loopback.Port(task.Port)} ssl crt {task.Leaf.All} ca-file {task.Pki.RootFile} verify required alpn istio ssl-min-ver TLSv{task.Version} ssl-max-ver TLSv{task.Version}
          server echo {Loopback.Port(backend)}

        """);

    private const string Defaults = """
        global
          maxconn 100
        defaults
          mode tcp
          timeout connect 5s
          timeout client 60s
          timeout server 60s
        """;

    private static string[] Configured(TestPki pki, string name, string text) => ["-db", "-f", pki.Write(name, text)];
}
