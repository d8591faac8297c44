using System.Runtime.InteropServices;

namespace L4Proxy.Load.Reporting;

/// <summary>The machine a result belongs to.</summary>
internal sealed record Surroundings(string Processor, int Cores, string Kernel, string System, string Runtime, string Pinning)
{
    internal static Surroundings Read(int contenderCore)
    {
        var processor = Value("/proc/cpuinfo", "model name") ?? Value("/proc/cpuinfo", "CPU part") ?? "unknown";
        var cores = File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));
        var system = Value("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? "unknown";
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return new Surroundings(
            processor, cores, $"{kernel} {RuntimeInformation.ProcessArchitecture}", system, RuntimeInformation.FrameworkDescription,
            $"contender alone on core {contenderCore}, generator and server on another");
    }

    private static string? Value(string path, string key) =>
        File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split([':', '='], 2)[1].Trim();
}
