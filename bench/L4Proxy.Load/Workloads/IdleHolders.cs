using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>
/// Connections that did one round trip and then stay: proportional memory of the contender per connection, as the slope over several
/// numbers of connections. Memory taken once for all connections (nginx's and HAProxy's tables, a collector's nursery) is not in a slope,
/// nor is the kernel's: connections that come and go first make every contender take it.
/// </summary>
internal sealed class IdleHolders : IWorkload
{
    // Many and in small steps, never scaled down: a collected heap grows in leaps of megabytes, and with a third of these connections
    // the slope of the same binary came out anywhere between 0 and 3 000 bytes. Two descriptors each must fit under 20 000.
    private const int Steps = 12;
    private const int Connections = 6000;
    private const int MessageSize = 128;
    private const int PassingRounds = 3;
    private const int PassingConnections = 3000;
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    public string Name => "idle";

    public string Title => "idle connection, memory";

    public string Unit => "bytes/connection";

    public string RateUnit => "";

    public double? Goal => 0.5;

    public bool FreshProcess => true;

    public Sample Run(Lane lane, double scale)
    {
        if (lane.Process is null)
        {
            return new Sample(double.NaN, 0, 0, 0, 0, double.NaN, null);
        }
        for (var round = 0; round < PassingRounds; round++)
        {
            Crowd.Leave(lane, Crowd.Gather(lane, PassingConnections, MessageSize, _ => { }));
        }
        const int step = Connections / Steps;
        List<Talker> holders = [];
        List<(double Connections, double Bytes)> points = [];
        var sample = Meter.Measure(lane, step * Steps, 1e6, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                holders.AddRange(Crowd.Gather(lane, step, MessageSize, _ => { }));
                Thread.Sleep(s_settle);
                points.Add((holders.Count, ProportionalSet.OfTree(lane.Process.Id)));
            }
        });
        Crowd.Leave(lane, holders);
        return sample with { Cost = Statistics.Slope(points) };
    }
}
