namespace L4Proxy.Transport.Native;

/// <summary>setpriority(2) of the calling thread: on Linux the nice value belongs to a thread, whatever POSIX says.</summary>
internal static class ThreadPriorities
{
    private const int PRIO_PROCESS = 0;
    private const int CallingThread = 0;

    /// <param name="nice">0 to 19; a higher one yields to lower ones.</param>
    public static void Lower(int nice) => _ = Libc.SetPriority(PRIO_PROCESS, CallingThread, nice);
}
