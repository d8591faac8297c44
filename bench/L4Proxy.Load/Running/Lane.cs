using System.Net;
using L4Proxy.Load.Contenders;
using L4Proxy.Load.Server;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>One way through which load can be sent: generator → contender → its own server. Without a contender it is the direct way.</summary>
internal sealed class Lane : IDisposable
{
    private readonly IContender? _contender;
    private readonly ITopology _topology;
    private readonly Site? _site;

    internal Lane(EventLoop loop, ITopology topology, IContender? contender, int index, string directory, int core)
    {
        _contender = contender;
        _topology = topology;
        Core = core;
        Loop = loop;
        var upstream = topology.Upstream(index);
        topology.EnterServer();
        Server = new LoadServer(loop, upstream);
        topology.EnterGenerator();
        Target = contender is null ? upstream : topology.Listen(index);
        if (contender is not null)
        {
            var own = Directory.CreateDirectory(Path.Combine(directory, contender.Name)).FullName;
            _site = new Site(own, Target, upstream, [Loopback.FreePort(22_000), Loopback.FreePort(24_000)]);
            Process = ContenderProcess.Start(contender, _site, topology.ContenderPrefix, core);
        }
    }

    internal string Settings => _contender?.Settings ?? "no proxy: the ceiling of generator and server on their core";

    internal string Name => _contender?.Name ?? ContenderCatalog.Direct;

    /// <summary>The contender's core.</summary>
    internal int Core { get; }

    internal EventLoop Loop { get; }

    internal LoadServer Server { get; }

    /// <summary>Where the generator connects.</summary>
    internal IPEndPoint Target { get; }

    internal IReadOnlyList<IPAddress> Sources => _topology.Sources;

    /// <summary>The contender; null on the direct way.</summary>
    internal ContenderProcess? Process { get; private set; }

    /// <summary>The configuration files written for the contender, for the report.</summary>
    internal string Configuration => _site is null
        ? ""
        : string.Join('\n', Directory.GetFiles(_site.Directory).Where(IsConfiguration).Select(File.ReadAllText));

    /// <summary>A new process of the same contender, for workloads that measure memory.</summary>
    internal void Restart()
    {
        if (_contender is not null)
        {
            Process!.Dispose();
            Process = ContenderProcess.Start(_contender, _site!, _topology.ContenderPrefix, Core);
        }
    }

    /// <summary>Runs the loop until <paramref name="done"/>; what goes wrong is told with the contender's name and output.</summary>
    internal void RunUntil(Func<bool> done, string what)
    {
        try
        {
            Loop.Run(done, TimeSpan.FromSeconds(60), what);
        }
        catch (LoadException failure)
        {
            Process?.MustBeAlive();
            throw new LoadException($"{Name}: {failure.Message}" + (Process is null ? "" : $"\n  Its output:\n{Process.Output()}"));
        }
    }

    /// <summary>Waits until the server has seen the end of every connection, so that no run pays for its predecessor.</summary>
    internal void WaitUntilQuiet() => RunUntil(() => Server.Open == 0, "closing the connections of a run");

    public void Dispose()
    {
        Process?.Dispose();
        Server.Dispose();
    }

    private static bool IsConfiguration(string path) => Path.GetExtension(path) is ".yaml" or ".cfg" or ".conf";
}
