using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Enumeration;
using System.Reflection;

namespace L4Proxy.Telemetry;

/// <summary>
/// The process as every Prometheus client library describes one (the <c>process_*</c> names are theirs), and what was built.
/// Descriptors stand beside the connection counts: a leak shows in both, a counting mistake in one only.
/// </summary>
internal static class ProcessMetrics
{
    public static void AddTo(Instruments instruments)
    {
        var startedAt = StartTimeSeconds();
        Measurement<int>[] build = [new(1, new("version", Version()), new("runtime", Environment.Version.ToString()))];
        instruments.AddGauge("process_open_fds", null, "Open file descriptors.", OpenDescriptors);
        instruments.AddGauge("process_max_fds", null, "Limit of open file descriptors (soft RLIMIT_NOFILE).", MaxDescriptors);
        instruments.AddGauge("process_resident_memory_bytes", "By", "Resident memory.", () => Environment.WorkingSet);
        instruments.AddCounter("process_cpu_seconds_total", "s", "CPU time used, user and system.",
            () => Environment.CpuUsage.TotalTime.TotalSeconds);
        instruments.AddGauge("dotnet_gc_committed_bytes", "By", "Memory the garbage collector holds, as of the last collection.",
            () => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        instruments.AddGauge("dotnet_gc_heap_bytes", "By", "Memory in objects and the gaps between them, as of the last collection.",
            () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
        instruments.AddGauge("dotnet_gc_fragmented_bytes", "By", "The gaps between objects, as of the last collection.",
            () => GC.GetGCMemoryInfo(GCKind.Any).FragmentedBytes);
        instruments.AddCounter("dotnet_gc_allocated_bytes_total", "By", "Memory allocated since the start.", () => GC.GetTotalAllocatedBytes());
        instruments.AddCounter("dotnet_gc_collections_total", null, "Collections, by the oldest generation each of them covered.", Collections);
        instruments.AddCounter("dotnet_gc_pause_seconds_total", "s", "Time everything stood still for the collector.",
            () => GC.GetTotalPauseDuration().TotalSeconds);
        instruments.AddGauge("process_start_time_seconds", "s", "Start of the process in seconds since 1970-01-01 UTC.", () => startedAt);
        instruments.AddGauge("l4proxy_build_info", null, "Always 1; the labels say what is running.",
            () => (IEnumerable<Measurement<int>>)build);
    }

    private static IEnumerable<Measurement<int>> Collections()
    {
        // The runtime counts a collection in every generation it covers; here each is counted once.
        var (gen0, gen1, gen2) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        yield return new(gen0 - gen1, new KeyValuePair<string, object?>("generation", "0"));
        yield return new(gen1 - gen2, new KeyValuePair<string, object?>("generation", "1"));
        yield return new(gen2, new KeyValuePair<string, object?>("generation", "2"));
    }

    private static long OpenDescriptors()
    {
        // Counted without a string per entry: a proxy may have 100 000 of them. One is the directory we are reading.
        var entries = new FileSystemEnumerable<byte>("/proc/self/fd", static (ref FileSystemEntry _) => 0);
        return entries.LongCount() - 1;
    }

    private static long MaxDescriptors()
    {
        // "Max open files            1024                 524288               files"
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return long.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
    }

    private static double StartTimeSeconds()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }

    private static string Version() =>
        typeof(ProcessMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
