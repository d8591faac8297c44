using L4Proxy.Load.Certificates;

namespace L4Proxy.Load.Contenders;

/// <summary>HAProxy in TCP mode on one thread, logs off, with the settings of <paramref name="tuning"/>.</summary>
/// <param name="name">For messages.</param>
/// <param name="settings">For the report.</param>
/// <param name="tuning">Lines of the global section.</param>
/// <param name="option">Lines of the defaults section.</param>
/// <param name="bind">What follows the address it listens on.</param>
/// <param name="server">What follows the address it dials.</param>
internal sealed class HaproxyContender(string name, string settings, string tuning, string option, string bind = "", string server = "") : IContender
{
    public string Name => name;

    public string Settings => $"mode tcp, nbthread 1, {settings}; logs off";

    public Launch VersionCommand => new("haproxy", ["-v"]);

    /// <summary>Zero-copy wherever HAProxy thinks it worth while, with its default 16 KiB buffers for the rest.</summary>
    internal static HaproxyContender Splice(string name) => new(name, "option splice-auto, default buffers", "", "option splice-auto");

    /// <summary>Copying with 64 KiB buffers.</summary>
    internal static HaproxyContender LargeBuffers(string name) => new(name, "tune.bufsize 65536", "tune.bufsize 65536", "");

    /// <summary>
    /// Zero-copy always, with pipes of 256 KiB: for bulk far better than splice-auto, which in 2.6 only re-decides when a stream's task
    /// wakes and so may copy a fast stream from beginning to end; for small messages worse.
    /// </summary>
    internal static HaproxyContender SpliceAlways(string name) =>
        new(name, "option splice-request and splice-response, tune.pipesize 262144", "tune.pipesize 262144", "option splice-request\n    option splice-response");

    /// <summary>Two of them with mutual TLS between: every handshake a full one, both ends verified.</summary>
    /// <param name="name">Of the pair.</param>
    /// <param name="settings">For the report.</param>
    /// <param name="tuning">One line of the global section, or nothing.</param>
    /// <param name="mesh">Certificates of both ends.</param>
    internal static Chain Pair(string name, string settings, string tuning, MeshCredentials mesh)
    {
        // The name is compared with the server's certificate, whose common name it is.
        var server = $"ssl crt {mesh.Originating.ChainAndKey} ca-file {mesh.Originating.Root} verify required sni str({MeshCredentials.ServerName}) alpn istio ssl-min-ver TLSv1.3 no-ssl-reuse";
        var bind = $"ssl crt {mesh.Terminating.ChainAndKey} ca-file {mesh.Terminating.Root} verify required alpn istio ssl-min-ver TLSv1.3 no-tls-tickets";
        var global = $"""
            tune.ssl.cachesize 0
                ssl-default-bind-ciphersuites TLS_AES_256_GCM_SHA384
                ssl-default-server-ciphersuites TLS_AES_256_GCM_SHA384
                {tuning}
            """;
        var shown = $"{settings}, verify required at both ends, no tickets, no session cache, no-ssl-reuse";
        return new Chain(name,
        [
            new HaproxyContender($"{name} (originating)", shown, global, "", server: server),
            new HaproxyContender($"{name} (terminating)", shown, global, "", bind: bind),
        ]);
    }

    // 7 000 connections need 14 000 sockets and 3 500 pipe ends: what fits under a descriptor limit of 20 000.
    public Launch Prepare(Site site)
    {
        var config = site.Write("haproxy.cfg", $"""
            global
                nbthread 1
                maxconn 7000
                {tuning}
            defaults
                mode tcp
                timeout connect 5s
                timeout client 10m
                timeout server 10m
                {option}
            listen load
                bind {site.Listen} {bind}
                server upstream {site.Upstream} {server}

            """);
        return new Launch("haproxy", ["-db", "-f", config]);
    }
}
