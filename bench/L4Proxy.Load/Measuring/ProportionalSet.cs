using System.Globalization;

namespace L4Proxy.Load.Measuring;

/// <summary>Proportional set size: resident memory where a page shared by n processes counts 1/n. Kernel socket memory is not in it.</summary>
internal static class ProportionalSet
{
    /// <summary>Bytes of the process and its living descendants.</summary>
    internal static long OfTree(int processId) => ProcessTree.Of(processId).Sum(id => Parse(File.ReadAllText($"/proc/{id}/smaps_rollup")));

    /// <summary>The Pss line of smaps_rollup (proc(5)), which is in KiB.</summary>
    internal static long Parse(string rollup)
    {
        var line = rollup.Split('\n').First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        var kibibytes = line["Pss:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }
}
