namespace L4Proxy.Transport.Native;

/// <summary>malloc_trim(3): memory that was freed goes back to the kernel. glibc keeps it otherwise, for the next peak.</summary>
internal static class FreeMemory
{
    /// <summary>Takes each arena's lock in turn, for about a millisecond per 10 MB that is given back. Nothing where the C library has no such call.</summary>
    public static void Return()
    {
        try
        {
            _ = Libc.MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which gives memory back by itself.
        }
    }
}
