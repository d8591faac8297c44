using System.Net;
using L4Proxy.Load.Contenders;
using L4Proxy.Load.Server;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>One way through which load can be sent: generator → contender → its own server. Without a contender it is the direct way.</summary>
internal sealed class Lane : IDisposable
{
    // 127.0.0, 127.0.1 and 127.0.2 are listeners, servers and sources on loopback.
    private const byte FirstPlaceInside = 3;

    private readonly Chain? _chain;
    private readonly Site[] _sites = [];
    private readonly List<ContenderProcess> _processes = [];

    // A signal may end the lane while its contender is being started again; nothing may be started, or written, after that.
    private readonly Lock _changing = new();
    private bool _ended;

    internal Lane(EventLoop loop, ITopology topology, Chain? chain, int index, string directory, int core)
    {
        _chain = chain;
        Topology = topology;
        Index = index;
        Core = core;
        Loop = loop;
        var upstream = topology.Upstream(index);
        topology.EnterServer();
        Server = new LoadServer(loop, upstream);
        topology.EnterGenerator();
        Target = chain is null ? upstream : topology.Listen(index);
        if (chain is not null)
        {
            IPEndPoint[] stops = [Target, .. Enumerable.Range(0, chain.Hops.Count - 1).Select(hop => topology.Inside(index, (byte)(FirstPlaceInside + hop))), upstream];
            _sites = [.. chain.Hops.Select((_, hop) => NewSite(Path.Combine(directory, chain.Name, $"{hop}"), stops[hop], stops[hop + 1]))];
            Start();
        }
    }

    internal string Settings => _chain?.Settings ?? "no proxy: the ceiling of generator and server on their core";

    internal string Name => _chain?.Name ?? ContenderCatalog.Direct;

    internal bool IsDirect => _chain is null;

    /// <summary>Two proxies with mutual TLS between them.</summary>
    internal bool IsPair => _chain?.Hops.Count == 2;

    /// <summary>What goes through it between the halves of a pair, as seen on the wire; empty elsewhere.</summary>
    internal string Negotiated { get; set; } = "";

    /// <summary>The contender's core.</summary>
    internal int Core { get; }

    internal int Index { get; }

    internal ITopology Topology { get; }

    internal EventLoop Loop { get; }

    internal LoadServer Server { get; }

    /// <summary>Where the generator connects.</summary>
    internal IPEndPoint Target { get; }

    internal IReadOnlyList<IPAddress> Sources => Topology.Sources;

    /// <summary>The contender's: two of a pair, none on the direct way.</summary>
    internal IReadOnlyList<ContenderProcess> Processes => _processes;

    /// <summary>The configuration files written for the contender, for the report.</summary>
    internal string Configuration => string.Join('\n', _sites.SelectMany(site => Directory.GetFiles(site.Directory)).Where(IsConfiguration).Select(File.ReadAllText));

    /// <summary>New processes of the same contender, for workloads that measure memory.</summary>
    internal void Restart()
    {
        lock (_changing)
        {
            Stop();
            Start();
        }
    }

    /// <summary>One more process of the first half of a pair, elsewhere.</summary>
    internal ContenderProcess StartFirstHalf(IPEndPoint listen, IPEndPoint upstream) => ContenderProcess.Start(
        _chain!.Hops[0], NewSite(_sites[0].Directory + "-probe", listen, upstream), Topology.ContenderPrefix, Core);

    internal void MustBeAlive() => _processes.ForEach(process => process.MustBeAlive());

    /// <summary>Runs the loop until <paramref name="done"/>; what goes wrong is told with the contender's name and output.</summary>
    internal void RunUntil(Func<bool> done, string what)
    {
        try
        {
            Loop.Run(done, TimeSpan.FromSeconds(60), what);
        }
        catch (LoadException failure)
        {
            MustBeAlive();
            throw new LoadException($"{Name}: {failure.Message}{string.Concat(_processes.Select(process => $"\n  Its output:\n{process.Output()}"))}");
        }
    }

    /// <summary>Waits until the server has seen the end of every connection, so that no run pays for its predecessor.</summary>
    internal void WaitUntilQuiet() => RunUntil(() => Server.Open == 0, "closing the connections of a run");

    public void Dispose()
    {
        lock (_changing)
        {
            _ended = true;
            Stop();
        }
        Server.Dispose();
    }

    private static bool IsConfiguration(string path) => Path.GetExtension(path) is ".yaml" or ".cfg" or ".conf";

    private static Site NewSite(string directory, IPEndPoint listen, IPEndPoint upstream) =>
        new(Directory.CreateDirectory(directory).FullName, listen, upstream, [Loopback.FreePort(22_000), Loopback.FreePort(24_000), Loopback.FreePort(26_000)]);

    // From the server on, so that each finds its upstream there.
    private void Start()
    {
        if (_ended)
        {
            throw new LoadException("ended before the last run");
        }
        Topology.EnterContender();
        try
        {
            for (var hop = _sites.Length - 1; hop >= 0; hop--)
            {
                _processes.Add(ContenderProcess.Start(_chain!.Hops[hop], _sites[hop], Topology.ContenderPrefix, Core));
            }
        }
        catch
        {
            Stop();
            throw;
        }
        finally
        {
            Topology.EnterGenerator();
        }
    }

    private void Stop()
    {
        _processes.ForEach(process => process.Dispose());
        _processes.Clear();
    }
}
