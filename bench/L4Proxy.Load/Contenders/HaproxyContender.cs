namespace L4Proxy.Load.Contenders;

/// <summary>HAProxy in TCP mode on one thread, logs off, with the settings of <paramref name="tuning"/>.</summary>
internal sealed class HaproxyContender(string name, string settings, string tuning, string option) : IContender
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
                bind {site.Listen}
                server upstream {site.Upstream}

            """);
        return new Launch("haproxy", ["-db", "-f", config]);
    }
}
