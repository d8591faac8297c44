using System.ComponentModel;

namespace L4Proxy.Load.Wire;

/// <summary>A run that cannot count: an answer was wrong, a connection broke, something did not start. The message is for the person at the terminal.</summary>
internal sealed class LoadException(string message) : Exception(message)
{
    /// <summary>A failed system call, told with the kernel's words for <paramref name="errno"/>.</summary>
    internal static LoadException Because(string what, int errno) => new($"{what}: {new Win32Exception(errno).Message} (errno {errno})");
}
