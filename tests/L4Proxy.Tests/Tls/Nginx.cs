namespace L4Proxy.Tests.Tls;

/// <summary>nginx's stream module at either end of TLS; sessions are reused, as by default.</summary>
internal static class Nginx
{
    // Verification off: nginx compares DNS names only. It offers no ALPN.
    public static IReadOnlyList<string> Client(ClientTask task, int listen) => Configured(task.Pki, $"nginx-{listen}", $$"""
        server {
          listen {{Loopback.Port(listen)}};
          proxy_pass {{Loopback.Port(task.Port)}};
          proxy_ssl on;
          proxy_ssl_protocols TLSv{{task.Version}};
          proxy_ssl_certificate {{task.Leaf.Chain}};
          proxy_ssl_certificate_key {{task.Leaf.Key}};
          proxy_ssl_trusted_certificate {{task.Pki.RootFile}};
          proxy_ssl_verify off;
          proxy_ssl_server_name on;
          proxy_ssl_name {{task.Sni}};
        }
        """);

    public static IReadOnlyList<string> Server(ServerTask task, int backend) => Configured(task.Pki, $"nginx-{task.Port}", $$"""
        log_format peer 'sni=$ssl_server_name verify=$ssl_client_verify version=$ssl_protocol resumed=$ssl_session_reused';
        access_log /dev/stderr peer;
        server {
          listen {{Loopback.Port(task.Port)}} ssl;
          proxy_pass {{Loopback.Port(backend)}};
          ssl_protocols TLSv{{task.Version}};
          ssl_certificate {{task.Leaf.Chain}};
          ssl_certificate_key {{task.Leaf.Key}};
          ssl_client_certificate {{task.Pki.RootFile}};
          ssl_verify_client {{(task.AsksForCertificate ? "on" : "off")}};
          ssl_verify_depth 3;
          ssl_alpn istio;
        }
        """);

    /// <summary>One process in the foreground that answers HTTP, for peers that expect TLS.</summary>
    public static IReadOnlyList<string> PlainHttp(TestPki pki, int listen) => Configured(pki, $"nginx-{listen}", "", $$"""
        http {
          access_log off;
          server { listen {{Loopback.Port(listen)}}; }
        }
        """);

    private static string[] Configured(TestPki pki, string name, string stream, string http = "") =>
        ["-e", "stderr", "-c", pki.Write($"{name}.conf", $$"""
        {{(File.Exists(StreamModule) ? $"load_module {StreamModule};" : "")}}
        daemon off;
        master_process off;
        error_log stderr warn;
        pid {{pki.Write($"{name}.pid", "")}};
        events { worker_connections 100; }
        {{http}}
        stream {
        {{stream}}
        }

        """)];

    // Debian and Ubuntu package it apart from nginx.
    private const string StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";
}
