using L4Proxy.Load.Generator;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>Sets of kept connections.</summary>
internal static class Crowd
{
    // Connecting in small groups keeps every listener's backlog short.
    private const int Group = 64;

    /// <summary>Opens connections, each with one round trip behind it; <paramref name="answered"/> is called for the later ones only.</summary>
    internal static List<Talker> Gather(Lane lane, int connections, int size, Action<Talker> answered)
    {
        var ready = new HashSet<Talker>(connections);
        List<Talker> talkers = [];
        while (talkers.Count < connections)
        {
            var group = Math.Min(Group, connections - talkers.Count);
            for (var i = 0; i < group; i++)
            {
                var source = lane.Sources[talkers.Count % lane.Sources.Count];
                talkers.Add(new Talker(lane.Loop, lane.Target, size, source, talker =>
                {
                    if (!ready.Add(talker))
                    {
                        answered(talker);
                    }
                }));
            }
            lane.RunUntil(() => ready.Count == talkers.Count, "opening connections");
        }
        return talkers;
    }

    internal static void Leave(Lane lane, List<Talker> talkers)
    {
        talkers.ForEach(talker => talker.Close());
        lane.WaitUntilQuiet();
    }
}
