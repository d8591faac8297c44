using static L4Proxy.Tests.Netns.PodTopology;

namespace L4Proxy.Tests.Netns;

/// <summary>
/// Somebody calls somewhere: what they must be answered and what the access log must say of it (<c>-</c> for nothing at all). In both
/// texts <c>{to}</c>, <c>{pod}</c>, <c>{client}</c> and <c>{guest}</c> stand for the addresses of the family.
/// </summary>
internal sealed record CaptureRow(string Name, Caller Caller, string V4, string V6, int Port, string Answer, string Logged);

/// <summary>
/// A pod with rules from <c>redirect apply</c>, the real proxy, and applications in the pod, at the external host and at the guest.
/// </summary>
internal sealed class ProxiedPod : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _servers;
    private int _lastPort = 20000;
    private int _seen;

    private ProxiedPod(PodTopology topology, RunningProxy proxy)
    {
        (Topology, Proxy) = (topology, proxy);
        _servers =
        [
            .. new[] { 8080, 9090 }.Select(port => Server.Application(topology.Pod, port)),
            .. new[] { 7000, 7443, 15001 }.Select(port => Server.Application(topology.Client, port)),
            Server.Application(topology.Guest, 7000),
        ];
    }

    public PodTopology Topology { get; }

    public RunningProxy Proxy { get; }

    public Caller Remote => new(Topology.Client);

    public Caller Application => new(Topology.Pod, 1000, 1000);

    /// <summary>Somebody with the proxy's uid and gid, such as the proxy.</summary>
    public Caller ProxyItself => new(Topology.Pod, TraceProxy.Uid, TraceProxy.Uid);

    public Caller Guest => new(Topology.Guest);

    /// <summary>Returns when the proxy has proven that it captures.</summary>
    public static async Task<ProxiedPod> StartAsync(
        string backend, IEnumerable<string> rules, string configuration = RunningProxy.Configuration, string? capability = null)
    {
        var topology = new PodTopology();
        try
        {
            topology.Pod.MustRedirect(["apply", "--backend", backend, .. rules]);
            var proxy = new RunningProxy(topology.Pod, configuration, capability);
            await proxy.WaitUntilReadyAsync();
            return new ProxiedPod(topology, proxy);
        }
        catch
        {
            topology.Dispose();
            throw;
        }
    }

    /// <summary>Adds a server that lives as long as the pod.</summary>
    public void Serve(Server server) => _servers.Add(server);

    /// <summary>
    /// Plays every row over IPv4 and IPv6. Each call has a port of its own, by which its line is found; a line that belongs to no call
    /// fails the test too.
    /// </summary>
    public async Task AssertRowsAsync(params CaptureRow[] rows)
    {
        var (expected, answers, ports) = (new List<string>(), new List<string>(), new List<int>());
        foreach (var row in rows)
        {
            foreach (var (family, to, pod, client, guest) in new[]
            {
                ("IPv4", row.V4, PodV4, ClientV4, GuestV4), ("IPv6", row.V6, PodV6, ClientV6, GuestV6),
            })
            {
                var (name, port) = ($"{row.Name}, {family}: ", ++_lastPort);
                ports.Add(port);
                answers.Add(name + await row.Caller.CallAsync(to, row.Port, port));
                expected.Add(name + $"{row.Answer} | {row.Logged}"
                    .Replace("{to}", to, StringComparison.Ordinal).Replace("{pod}", pod, StringComparison.Ordinal)
                    .Replace("{client}", client, StringComparison.Ordinal).Replace("{guest}", guest, StringComparison.Ordinal));
            }
        }

        var lines = (await NewLinesAsync()).ToLookup(line => line.Downstream.Port);
        var actual = answers.Zip(ports, (answer, port) => $"{answer} | {(lines.Contains(port) ? string.Join(" + ", lines[port]) : "-")}");
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
        Assert.Empty(lines.Where(line => !ports.Contains(line.Key)).SelectMany(line => line));
    }

    /// <summary>What the access log says of the connections since the last time somebody asked here, all of which have ended.</summary>
    public async Task<IReadOnlyList<AccessLogEntry>> NewLinesAsync()
    {
        var all = await Proxy.SettledAccessLogAsync();
        var added = all.Skip(_seen).ToList();
        _seen = all.Count;
        return added;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Proxy.DisposeAsync();
        }
        finally
        {
            foreach (var server in _servers)
            {
                await server.DisposeAsync();
            }

            Topology.Dispose();
        }
    }
}
