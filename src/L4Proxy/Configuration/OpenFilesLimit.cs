using System.Globalization;

namespace L4Proxy.Configuration;

/// <summary>
/// RLIMIT_NOFILE of this process. The runtime raises the soft limit to the hard one when it starts, so this is what counts.
/// </summary>
internal static class OpenFilesLimit
{
    private const string Label = "Max open files";

    public static long Read() => Parse(File.ReadLines("/proc/self/limits"));

    /// <param name="lines">The lines of <c>/proc/PID/limits</c> (proc_pid_limits(5)): label, soft limit, hard limit, unit.</param>
    /// <exception cref="InvalidDataException">There is no such line: this is not Linux' procfs.</exception>
    internal static long Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal))
            ?? throw new InvalidDataException($"/proc/self/limits has no line '{Label}'");
        var soft = line[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? long.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
