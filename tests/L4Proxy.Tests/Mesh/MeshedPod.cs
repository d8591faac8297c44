using System.Text.Json;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>A pod with rules from <c>redirect apply</c> and the real proxy, which follows a directory of resources.</summary>
internal sealed class MeshedPod : IAsyncDisposable
{
    /// <summary>Far more than anything here takes on a busy machine; who waits this long waits for ever.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly MeshAuthority _authority;
    private readonly ResourceDirectory _resources;
    private readonly NameServerFile? _nameServer;
    private PodSettings _settings;
    private int _read;

    private MeshedPod(MeshTopology topology, MeshAuthority authority, PodSettings settings, string resources)
    {
        (_authority, _settings) = (authority, settings);
        Where = topology.AddPod(settings.Account, settings.Host, settings.MoreHosts);
        _nameServer = settings.NameServer is { } address ? new NameServerFile(Where, address) : null;
        _resources = new ResourceDirectory(resources);
        Where.MustRedirect("apply", "--backend", "nft");
        Proxy = new RunningProxy(Where, Configuration);
    }

    public NetworkNamespace Where { get; }

    public RunningProxy Proxy { get; }

    public string Address => MeshTopology.V4(_settings.Host);

    /// <summary>The workload, whose connections are captured.</summary>
    public Caller Application => new(Where, 1000, 1000);

    private string Configuration => _settings.Configuration(_authority.IdentityOf(_settings.Workload), _resources.Path);

    /// <summary>Returns when the proxy is ready.</summary>
    /// <param name="topology">Which it joins.</param>
    /// <param name="authority">Of its identity.</param>
    /// <param name="settings">Who it is.</param>
    /// <param name="resources">YAML documents it begins with; empty for none.</param>
    public static async Task<MeshedPod> StartAsync(MeshTopology topology, MeshAuthority authority, PodSettings settings, string resources = "")
    {
        var pod = new MeshedPod(topology, authority, settings, resources);
        await pod.Proxy.WaitUntilReadyAsync();
        return pod;
    }

    /// <summary>Replaces all resources, and returns when they are in force.</summary>
    public Task ApplyAsync(string resources) => WriteAsync(resources, "applied");

    /// <summary>Replaces all resources by something that must be refused; returns when it has been.</summary>
    public Task ApplyRefusedAsync(string resources) => WriteAsync(resources, "rejected");

    /// <summary>Changes what may change while it runs; returns when it is in force.</summary>
    public async Task ReconfigureAsync(Func<PodSettings, PodSettings> change)
    {
        var before = Configuration;
        _settings = change(_settings);
        if (Configuration != before)
        {
            await Proxy.ReloadAsync(Configuration);
        }
    }

    /// <summary>The lines of the next connections that have ended; each is told once.</summary>
    public async Task<IReadOnlyList<AccessLogEntry>> LinesAsync(int count)
    {
        using var patience = new CancellationTokenSource(_patience);
        var lines = await Proxy.AccessLog.WaitForAsync(lines => lines.Count >= _read + count, patience.Token);
        var entries = lines.Skip(_read).Take(count).Select(AccessLogEntry.Parse).ToList();
        _read += count;
        return entries;
    }

    /// <summary>The line of the one connection that has ended since somebody asked last.</summary>
    public async Task<AccessLogEntry> LineAsync()
    {
        var line = Assert.Single(await LinesAsync(1));
        Assert.Equal(_read, Proxy.AccessLog.Lines.Count);
        return line;
    }

    /// <summary>Forgets every line so far; for connections that a test has no question about.</summary>
    public async Task ForgetLinesAsync() => _read = (await Proxy.SettledAccessLogAsync()).Count;

    /// <summary>What <c>l4proxy explain</c> answers for one connection.</summary>
    public JsonElement Explain(params IEnumerable<string> question)
    {
        var answer = Verb(["explain", "--json", .. question]);
        Assert.True(answer.Output.Length > 0, answer.All);
        return JsonElement.Parse(answer.Output);
    }

    /// <summary>What a verb of the product says, asked in the pod as its operator would.</summary>
    public CommandAnswer Verb(params IEnumerable<string> arguments) => Where.Run([L4ProxyBinary.Path, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Proxy.DisposeAsync();
        }
        finally
        {
            _resources.Dispose();
            _nameServer?.Dispose();
        }
    }

    private async Task WriteAsync(string resources, string result)
    {
        var otherwise = result == "applied" ? "rejected" : "applied";
        var (before, wrong) = (await JudgedAsync(result), await JudgedAsync(otherwise));
        if (_resources.Write(resources))
        {
            await Running.Patience.UntilAsync($"the resources are {result}", async () =>
            {
                Assert.True(await JudgedAsync(otherwise) <= wrong, $"The resources were {otherwise}: {string.Join('\n', Proxy.Log.Lines.TakeLast(5))}");
                return await JudgedAsync(result) > before;
            });
        }
    }

    private Task<double> JudgedAsync(string result) => Proxy.MetricAsync("l4proxy_resources_reloads_total", $"result=\"{result}\"");
}
