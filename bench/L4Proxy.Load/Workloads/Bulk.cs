using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Workloads;

/// <summary>Long streams at full speed.</summary>
/// <param name="name">Name and title for users.</param>
/// <param name="title">Title for users.</param>
/// <param name="streams">Concurrent connections.</param>
/// <param name="up">Bytes per run from generator to server, all streams together.</param>
/// <param name="down">Bytes per run from server to generator.</param>
internal sealed class Bulk(string name, string title, int streams, long up, long down) : IWorkload
{
    public string Name => name;

    public string Title => title;

    public string Unit => "CPU s/GB";

    public string RateUnit => "GB/s";

    public Goal? Goal { get; init; } = new(0.5);

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var upEach = (long)(up * scale) / streams;
        var downEach = (long)(down * scale) / streams;
        var sample = Meter.Measure(lane, (upEach + downEach) * streams / 1e9, 1, () => Move(lane, streams, upEach, downEach, verify: false));
        lane.WaitUntilQuiet();
        return sample;
    }

    /// <summary>Moves bytes through <paramref name="lane"/>; with <paramref name="verify"/> every one of them is compared.</summary>
    internal static void Move(Lane lane, int streams, long up, long down, bool verify)
    {
        var header = down == 0 ? new Header(Mode.Upload, verify, 0) : new Header(Mode.Download, verify, down);
        var all = Enumerable.Range(0, streams).Select(_ => new BulkStream(lane.Loop, lane.Target, header, up)).ToArray();
        lane.RunUntil(() => Array.TrueForAll(all, stream => stream.Done), "a bulk transfer");
    }
}
