using System.Globalization;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>Keeps this process on its own core.</summary>
internal static unsafe class Pinning
{
    /// <summary>Moves every thread of this process, those of the runtime included, to <paramref name="core"/>; later threads inherit it.</summary>
    internal static void PinThisProcess(int core)
    {
        var mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[core / 64] = 1UL << (core % 64);
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            var thread = int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture);
            _ = Sockets.Checked(Libc.SetAffinity(thread, 16 * sizeof(ulong), mask), $"pinning to core {core}");
        }
        // The default slack of 50 µs would be in every latency of the open loop.
        _ = Libc.ProcessControl(Constants.SetTimerSlack, 1, 0, 0, 0);
    }
}
