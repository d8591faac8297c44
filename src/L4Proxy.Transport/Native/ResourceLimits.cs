namespace L4Proxy.Transport.Native;

/// <summary>getrlimit(2).</summary>
internal static unsafe class ResourceLimits
{
    /// <summary>The soft RLIMIT_NOFILE; "unlimited" is the largest number that fits.</summary>
    public static long Descriptors
    {
        get
        {
            var limits = stackalloc ulong[2];
            return Libc.GetResourceLimit(Constants.RLIMIT_NOFILE, limits) == 0 ? (long)Math.Min(limits[0], long.MaxValue) : 1024;
        }
    }
}
