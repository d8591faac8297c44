using L4Proxy.Load.Certificates;
using L4Proxy.Load.Contenders;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Reporting;
using L4Proxy.Load.Wire;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Running;

/// <summary>Starts everything, measures in paired blocks, stops everything.</summary>
internal sealed class Experiment : IDisposable
{
    // A share of a counted run, not counted: fills caches, connection pools and branch predictors for this very workload.
    private const double PrimeScale = 0.2;

    private readonly Plan _plan;
    private readonly Action<string> _tell;
    private readonly string _directory = Directory.CreateTempSubdirectory("l4proxy-load-").FullName;
    private readonly EventLoop _loop = new();
    private readonly List<Lane> _lanes = [];
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly Lock _ending = new();
    private ITopology? _topology;
    private bool _ended;

    /// <param name="plan">What to measure.</param>
    /// <param name="tell">Gets a line of progress at a time.</param>
    internal Experiment(Plan plan, Action<string> tell)
    {
        _plan = plan;
        _tell = tell;
    }

    // Goals are L4Proxy's against others: not for peers among themselves, not for a binary against itself.
    private bool HasGoals =>
        _plan.Contenders[0] is ContenderCatalog.L4Proxy or ContenderCatalog.L4ProxyPair && _plan.Contenders.Count(name => name == _plan.Contenders[0]) == 1;

    internal Results Run()
    {
        var surroundings = Surroundings.Read(_plan.ContenderCore);
        Pinning.PinThisProcess(_plan.LoadCore);
        StartLanes();
        var started = DateTimeOffset.Now;
        var workloads = _plan.Workloads.Select(MeasureWorkload).ToArray();
        var contenders = _lanes.Select(lane => new ContenderResult(
            lane.Name, _versions[lane.Name], lane.Settings, lane.Negotiated, lane.Configuration)).ToArray();
        return new Results(started, surroundings, _topology!.Description, _plan.Blocks, _plan.Scale, contenders, workloads);
    }

    /// <summary>By the end of the run or by a signal, whichever comes first; the other waits until all is gone.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            if (_ended)
            {
                return;
            }
            _ended = true;
            _lanes.ForEach(lane => lane.Dispose());
            _loop.Dispose();
            _topology?.Dispose();
            Directory.Delete(_directory, recursive: true);
        }
    }

    private void StartLanes()
    {
        var mesh = MeshCredentials.Create(_directory);
        var contenders = ContenderCatalog.Create(_plan.Contenders, _plan.L4Proxy, mesh);
        foreach (var contender in contenders)
        {
            _versions[contender.Name] = ContenderProcess.Version(contender);
        }
        _topology = _plan.Veth ? new VethPairs() : new Loopback();
        foreach (var contender in contenders)
        {
            _lanes.Add(new Lane(_loop, _topology, contender, _lanes.Count, _directory, _plan.ContenderCore));
        }
        if (_plan.Contenders.Contains(ContenderCatalog.Direct, StringComparer.Ordinal))
        {
            _versions[ContenderCatalog.Direct] = "";
            _lanes.Add(new Lane(_loop, _topology, null, _lanes.Count, _directory, _plan.ContenderCore));
        }
        foreach (var lane in _lanes)
        {
            _tell($"{lane.Name}: {_versions[lane.Name]} - checking bytes and endings, then {_plan.WarmUp.TotalSeconds:0.#} s of warm-up");
            Verification.Run(lane);
            if (lane.IsPair)
            {
                lane.Negotiated = TlsProbe.Run(lane, mesh);
                _tell($"{lane.Name}: {lane.Negotiated}");
            }
            WarmUp.Run(lane, _plan.WarmUp);
        }
    }

    private WorkloadResult MeasureWorkload(IWorkload workload)
    {
        var samples = _lanes.ToDictionary(lane => lane.Name, _ => new List<Sample>(), StringComparer.Ordinal);
        var proxies = _lanes.Where(lane => !lane.IsDirect).ToArray();
        foreach (var lane in _lanes.Where(_ => !workload.FreshProcess))
        {
            _ = workload.Run(lane, _plan.Scale * PrimeScale);
        }
        foreach (var lane in _lanes.Except(proxies).Where(_ => !workload.FreshProcess))
        {
            samples[lane.Name].AddRange([Once(workload, lane), Once(workload, lane), Once(workload, lane)]);
        }
        // Memory hardly varies between fresh processes, and starting them takes time: one block is enough.
        var count = workload.FreshProcess ? 1 : _plan.Blocks;
        List<Comparison> comparisons = [];
        if (proxies.Length == 1)
        {
            samples[proxies[0].Name].AddRange(Enumerable.Range(0, count).Select(_ => Once(workload, proxies[0])));
        }
        foreach (var peer in proxies.Skip(1))
        {
            var blocks = Enumerable.Range(0, count).Select(_ => RunBlock(workload, proxies[0], peer)).ToArray();
            samples[proxies[0].Name].AddRange(blocks.SelectMany(block => new[] { block.FirstA, block.SecondA }));
            samples[peer.Name].AddRange(blocks.SelectMany(block => new[] { block.FirstB, block.SecondB }));
            comparisons.Add(new Comparison(peer.Name, blocks));
        }
        var result = new WorkloadResult(
            workload.Name, workload.Title, workload.Unit, workload.RateUnit, HasGoals ? workload.Goal : null,
            [.. _lanes.Where(lane => samples[lane.Name].Count > 0).Select(lane => new Measured(lane.Name, samples[lane.Name]))], comparisons);
        _tell($"{workload.Name}: " + string.Join(", ", result.Measured.Select(measured => $"{measured.Contender} {Format.Cost(measured.Cost)}")));
        return result;
    }

    private Block RunBlock(IWorkload workload, Lane a, Lane b)
    {
        var firstA = Once(workload, a);
        var firstB = Once(workload, b);
        var secondB = Once(workload, b);
        return new Block(firstA, firstB, secondB, Once(workload, a));
    }

    private Sample Once(IWorkload workload, Lane lane)
    {
        if (workload.FreshProcess)
        {
            lane.Restart();
        }
        return workload.Run(lane, _plan.Scale);
    }
}
