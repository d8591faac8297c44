using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>Before anything is timed: every byte compared, in each direction and in both, and a half-close that must survive.</summary>
internal static class Verification
{
    private const long Bytes = 8_000_000;

    internal static void Run(Lane lane)
    {
        Bulk.Move(lane, 2, Bytes, 0, verify: true);
        Bulk.Move(lane, 2, 0, Bytes, verify: true);
        Bulk.Move(lane, 2, Bytes, Bytes, verify: true);
        HalfClose.Exchange(lane, 4, verify: true);
        lane.WaitUntilQuiet();
    }
}
