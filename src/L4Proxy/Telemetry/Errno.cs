using System.Globalization;
using System.Runtime.InteropServices;

namespace L4Proxy.Telemetry;

/// <summary>
/// Linux error numbers by name (asm-generic/errno.h, the same on x64 and arm64): those a socket or a log
/// can answer with.
/// </summary>
internal static class Errno
{
    /// <summary>The symbolic name, or null for a number that is not in the table.</summary>
    public static string? Name(int errno) => errno switch
    {
        1 => "EPERM",
        2 => "ENOENT",
        4 => "EINTR",
        5 => "EIO",
        6 => "ENXIO",
        9 => "EBADF",
        11 => "EAGAIN",
        12 => "ENOMEM",
        13 => "EACCES",
        14 => "EFAULT",
        16 => "EBUSY",
        19 => "ENODEV",
        20 => "ENOTDIR",
        21 => "EISDIR",
        22 => "EINVAL",
        23 => "ENFILE",
        24 => "EMFILE",
        27 => "EFBIG",
        28 => "ENOSPC",
        30 => "EROFS",
        32 => "EPIPE",
        71 => "EPROTO",
        88 => "ENOTSOCK",
        89 => "EDESTADDRREQ",
        90 => "EMSGSIZE",
        92 => "ENOPROTOOPT",
        93 => "EPROTONOSUPPORT",
        95 => "EOPNOTSUPP",
        97 => "EAFNOSUPPORT",
        98 => "EADDRINUSE",
        99 => "EADDRNOTAVAIL",
        100 => "ENETDOWN",
        101 => "ENETUNREACH",
        102 => "ENETRESET",
        103 => "ECONNABORTED",
        104 => "ECONNRESET",
        105 => "ENOBUFS",
        106 => "EISCONN",
        107 => "ENOTCONN",
        108 => "ESHUTDOWN",
        110 => "ETIMEDOUT",
        111 => "ECONNREFUSED",
        112 => "EHOSTDOWN",
        113 => "EHOSTUNREACH",
        114 => "EALREADY",
        115 => "EINPROGRESS",
        122 => "EDQUOT",
        125 => "ECANCELED",
        _ => null,
    };

    /// <summary>Name and meaning for a person: <c>ENOSPC (No space left on device)</c>.</summary>
    public static string Describe(int errno) =>
        $"{Name(errno) ?? errno.ToString(CultureInfo.InvariantCulture)} ({Marshal.GetPInvokeErrorMessage(errno)})";
}
