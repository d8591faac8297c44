using System.Runtime.InteropServices;

namespace L4Proxy.Tests.Netns;

/// <summary>
/// System calls that concern the calling thread alone. The kernel keeps namespace and file-system ids per thread; a socket keeps for
/// good the namespace and the ids of the thread that created it.
/// </summary>
internal static partial class ThreadSyscalls
{
    private const int CloneNewNet = 0x40000000; // linux/sched.h

    public static void EnterNetworkNamespace(SafeHandle file)
    {
        if (SetNs(file, CloneNewNet) != 0)
        {
            throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>What owner rules compare (f_cred-&gt;fsuid); glibc does not spread these two over the other threads.</summary>
    public static void ActAs(uint uid, uint gid)
    {
        _ = SetFsGid(gid);
        _ = SetFsUid(uid);
        if (SetFsGid(uint.MaxValue) != (int)gid || SetFsUid(uint.MaxValue) != (int)uid)
        {
            throw new InvalidOperationException($"This thread may not act as {uid}:{gid}; these tests need root.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(SafeHandle file, int kind);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFsUid(uint uid);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    private static partial int SetFsGid(uint gid);
}
