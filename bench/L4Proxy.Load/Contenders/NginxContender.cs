namespace L4Proxy.Load.Contenders;

/// <summary>nginx's stream proxy: a master and one worker.</summary>
internal sealed class NginxContender(string name) : IContender
{
    // Debian ships the stream proxy as a module; elsewhere it is usually compiled in.
    private const string DebianModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    public string Name => name;

    public string Settings => "stream, worker_processes 1, reuseport, proxy_buffer_size 64k, proxy_half_close on; logs off";

    public Launch VersionCommand => new("nginx", ["-v"]);

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
                    listen {{site.Listen}} reuseport backlog=4096;
                    proxy_pass {{site.Upstream}};
                    proxy_buffer_size 64k;
                    proxy_half_close on;
                    proxy_connect_timeout 5s;
                    proxy_timeout 10m;
                }
            }

            """);
        return new Launch("nginx", ["-e", "stderr", "-p", site.Directory, "-c", config]);
    }
}
