using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>
/// Connections that did one round trip and then stay: proportional memory of the contender, both halves of a pair, per connection, as the
/// slope over several numbers of connections. Memory taken once for all connections (nginx's and HAProxy's tables, a collector's nursery)
/// is not in a slope, nor is the kernel's: connections that come and go first make every contender take it.
/// </summary>
/// <param name="name">Name for users.</param>
/// <param name="title">Title for users.</param>
/// <param name="connections">
/// How many stay: many and in small steps, never scaled down. A collected heap grows in leaps of megabytes, and with 2 000 plaintext
/// connections the slope of the same binary came out anywhere between 0 and 3 000 bytes. Two descriptors each must fit under 20 000.
/// </param>
internal sealed class IdleHolders(string name, string title, int connections) : IWorkload
{
    private const int Steps = 12;
    private const int MessageSize = 128;
    private const int PassingRounds = 3;
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    public string Name => name;

    public string Title => title;

    public string Unit => "bytes/connection";

    public string RateUnit => "";

    public Goal? Goal { get; init; } = new(0.5);

    public bool FreshProcess => true;

    public Sample Run(Lane lane, double scale)
    {
        if (lane.IsDirect)
        {
            return new Sample(double.NaN, 0, 0, 0, 0, double.NaN, null);
        }
        for (var round = 0; round < PassingRounds; round++)
        {
            Crowd.Leave(lane, Crowd.Gather(lane, connections / 2, MessageSize, _ => { }));
        }
        var step = connections / Steps;
        List<Talker> holders = [];
        List<(double Connections, double Bytes)> points = [];
        var sample = Meter.Measure(lane, step * Steps, 1e6, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                holders.AddRange(Crowd.Gather(lane, step, MessageSize, _ => { }));
                Thread.Sleep(s_settle);
                points.Add((holders.Count, lane.Processes.Sum(process => ProportionalSet.OfTree(process.Id))));
            }
        });
        Crowd.Leave(lane, holders);
        return sample with { Cost = Statistics.Slope(points) };
    }
}
