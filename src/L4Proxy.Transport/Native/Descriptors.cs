namespace L4Proxy.Transport.Native;

/// <summary>
/// The last descriptors of the process are not for connections. The runtime itself needs a few whenever it starts a thread, and
/// ends the process with "Out of memory." when it gets none.
/// </summary>
internal static class Descriptors
{
    /// <summary>A new thread takes two; enough for that and for a log file and a configuration to be opened at once.</summary>
    private const int Reserve = 8;

    private static readonly int _ceiling = Ceiling();

    /// <summary>Whether a descriptor just made is one of the last. The kernel gives out the lowest free number, so its size tells.</summary>
    public static bool IsInReserve(int descriptor) => descriptor >= _ceiling;

    private static int Ceiling()
    {
        // The runtime has raised the soft limit to the hard one before any of our code runs; nothing changes it afterwards.
        var limit = (int)Math.Min(ResourceLimits.Descriptors, int.MaxValue);
        return limit - Math.Min(Reserve, limit / 8);
    }
}
