using L4Proxy.Load.Certificates;

namespace L4Proxy.Load.Contenders;

/// <summary>nginx's stream proxy: a master and one worker.</summary>
/// <param name="name">For messages.</param>
/// <param name="settings">For the report: what comes on top of the settings that all have.</param>
/// <param name="listen">What follows the address it listens on.</param>
/// <param name="directives">More lines of the server block.</param>
internal sealed class NginxContender(string name, string settings = "", string listen = "", string directives = "") : IContender
{
    // Debian ships the stream proxy as a module; elsewhere it is usually compiled in.
    private const string DebianModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    public string Name => name;

    public string Settings => $"stream, worker_processes 1, reuseport, proxy_buffer_size 64k, proxy_half_close on{settings}; logs off";

    public Launch VersionCommand => new("nginx", ["-v"]);

    /// <summary>Two of them with mutual TLS between: every handshake a full one, both ends verified.</summary>
    internal static Chain Pair(string name, MeshCredentials mesh)
    {
        const string shown = ", proxy_ssl_verify on, ssl_verify_client on, no tickets, no session cache, proxy_ssl_session_reuse off";
        var originating = $"""
            proxy_ssl on;
                    proxy_ssl_protocols TLSv1.3;
                    proxy_ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;
                    proxy_ssl_certificate {mesh.Originating.Chain};
                    proxy_ssl_certificate_key {mesh.Originating.Key};
                    proxy_ssl_trusted_certificate {mesh.Originating.Root};
                    proxy_ssl_verify on;
                    proxy_ssl_verify_depth 3;
                    proxy_ssl_server_name on;
                    proxy_ssl_name {MeshCredentials.ServerName};
                    proxy_ssl_session_reuse off;
            """;
        var terminating = $"""
            ssl_protocols TLSv1.3;
                    ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;
                    ssl_certificate {mesh.Terminating.Chain};
                    ssl_certificate_key {mesh.Terminating.Key};
                    ssl_client_certificate {mesh.Terminating.Root};
                    ssl_verify_client on;
                    ssl_verify_depth 3;
                    ssl_session_cache off;
                    ssl_session_tickets off;
            """;
        return new Chain(name,
        [
            new NginxContender($"{name} (originating)", shown, directives: originating),
            new NginxContender($"{name} (terminating)", shown, listen: "ssl ", directives: terminating),
        ]);
    }

    public Launch Prepare(Site site)
    {
        var module = File.Exists(DebianModule) ? $"load_module {DebianModule};" : "";
        var user = Environment.UserName == "root" ? "user root;" : "";
        var config = site.Write("nginx.conf", $$"""
            {{module}}
            {{user}}
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            pid {{site.Directory}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 16000; }
            stream {
                access_log off;
                server {
                    listen {{site.Listen}} {{listen}}reuseport backlog=4096;
                    proxy_pass {{site.Upstream}};
                    proxy_buffer_size 64k;
                    proxy_half_close on;
                    proxy_connect_timeout 5s;
                    proxy_timeout 10m;
                    {{directives}}
                }
            }

            """);
        return new Launch("nginx", ["-e", "stderr", "-p", site.Directory, "-c", config]);
    }
}
