using System.Runtime.InteropServices;

namespace L4Proxy.Transport.Native;

/// <summary>Who this process is to the kernel.</summary>
public static partial class Credentials
{
    /// <summary>Effective user id.</summary>
    public static uint EffectiveUid => GetEffectiveUid();

    /// <summary>Effective group id.</summary>
    public static uint EffectiveGid => GetEffectiveGid();

    /// <summary>
    /// Gives up the current user for good, on every thread (the C library's wrappers do that; the bare system calls do not): no
    /// supplementary groups, then the gid, then the uid, because after the uid there is no right left to change the others.
    /// </summary>
    /// <returns>Null, or why not: errno as text, EPERM without CAP_SETGID or CAP_SETUID. After a failure end the process.</returns>
    public static unsafe string? TryBecome(uint uid, uint gid)
    {
        var done = SetGroups(0, null) == 0 && SetResGid(gid, gid, gid) == 0 && SetResUid(uid, uid, uid) == 0;
        return done ? null : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGid();

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    private static unsafe partial int SetGroups(nuint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setresgid", SetLastError = true)]
    private static partial int SetResGid(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid", SetLastError = true)]
    private static partial int SetResUid(uint real, uint effective, uint saved);
}
