namespace L4Proxy.Configuration;

/// <summary>
/// How many connections fit into the descriptors of the process, and the arithmetic as a sentence. Only numbers: nothing here or
/// behind it may allocate in proportion to RLIMIT_NOFILE, which container runtimes set to a thousand million.
/// </summary>
/// <param name="Maximum">Connections admitted at the same time.</param>
/// <param name="Pipes">Kernel pipes all event loops together may hold for splicing; beyond them bytes are copied.</param>
/// <param name="Sentence">What the limit is and how it came about.</param>
/// <param name="Problem">Why the configured limit cannot be honoured, and what would do; null when it can.</param>
internal sealed record ConnectionLimit(int Maximum, int Pipes, string Sentence, string? Problem)
{
    /// <summary>One socket downstream, one upstream.</summary>
    private const int PerConnection = 2;

    /// <summary>
    /// Kept for everything that is not a connection. An idle host holds 198 descriptors (170 of them assemblies, which the runtime keeps
    /// open; the rest standard streams, its pipes, inotify and the HTTP listeners); the other 26 are for admin and
    /// metrics requests, log files and the reading of new configuration and certificates when connections have taken all else.
    /// </summary>
    private const int Reserve = 224;

    /// <summary>An epoll and an eventfd.</summary>
    private const int PerEventLoop = 2;

    /// <summary>
    /// Each loop has its own SO_REUSEPORT socket for every listener, and a listener on loopback needs one per address family.
    /// </summary>
    private const int PerListenerAndLoop = 2;

    /// <summary>
    /// A user without privilege may hold 64 MiB of pipe buffers (fs.pipe-user-pages-soft, 16384 pages): 256 pipes of 256 KiB.
    /// </summary>
    private const int MostPipes = 256;

    /// <summary>Where auto stops: at 2 KB each this many idle connections already take 2 GB. Whoever has the memory says so.</summary>
    private const int AutoCeiling = 1_000_000;

    public static ConnectionLimit For(ProxyOptions options, long openFiles) => Compute(
        openFiles,
        options.Transport.EffectiveEventLoops,
        listeners: options.Forward.Count + (options.Capture.Outbound is null ? 0 : 1) + (options.Capture.Inbound is null ? 0 : 1),
        options.Limits.MaxConnections);

    /// <param name="openFiles">RLIMIT_NOFILE, 0 or more.</param>
    /// <param name="listeners">Listeners of the data plane; those of health, metrics and admin are in the reserve.</param>
    /// <param name="configured">What the operator asks for; null = auto.</param>
    public static ConnectionLimit Compute(long openFiles, int eventLoops, int listeners, int? configured)
    {
        var reserve = Reserve + eventLoops * (PerEventLoop + PerListenerAndLoop * listeners);
        var free = Math.Max(0, Math.Min(openFiles, int.MaxValue) - reserve);
        // An eighth of what is free: when descriptors are few, connections come before speed. Two descriptors make a pipe.
        var pipes = (int)Math.Min(MostPipes, free / 8 / 2);
        var fit = (int)((free - 2 * pipes) / PerConnection);
        var formula = $"({openFiles} open files - {reserve} in reserve - {2 * pipes} for pipes) / {PerConnection} per connection";

        if (fit < 1)
        {
            return new(0, pipes, "", Problem: $"no connection fits into the {openFiles} open files of this process, "
                + $"{reserve} are needed for the proxy itself; raise RLIMIT_NOFILE (ulimit -n) to 1024 or more");
        }
        if (configured > fit)
        {
            // Generous by the pipes that a higher limit would add.
            var enough = openFiles + (long)PerConnection * (configured.Value - fit) + 2 * (MostPipes - pipes);
            return new(fit, pipes, "", Problem: $"{configured} connections do not fit, {fit} do = {formula}; "
                + $"write at most {fit} or raise RLIMIT_NOFILE (ulimit -n) to {enough}");
        }
        if (configured is { } asked)
        {
            return new(asked, pipes, $"at most {asked} connections, as configured; {fit} would fit = {formula}", Problem: null);
        }
        return fit > AutoCeiling
            ? new(AutoCeiling, pipes, $"at most {AutoCeiling} connections, where auto stops; {fit} would fit = {formula}", Problem: null)
            : new(fit, pipes, $"at most {fit} connections = {formula}", Problem: null);
    }
}
