using System.Globalization;
using L4Proxy.Transport.Native;

namespace L4Proxy.Pki;

/// <summary>User and group that files are given to.</summary>
internal sealed record FileOwner(uint Uid, uint Gid)
{
    /// <summary>Reads <c>UID:GID</c>; null if it is something else.</summary>
    public static FileOwner? Parse(string text) =>
        text.Split(':') is [var user, var group] && Number(user) is { } uid && Number(group) is { } gid ? new FileOwner(uid, gid) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Uid}:{Gid}");

    /// <exception cref="PkiException">The kernel would not let us.</exception>
    public void CheckPermission()
    {
        if (Credentials.EffectiveUid != 0 && Credentials.EffectiveUid != Uid)
        {
            throw new PkiException($"only root can give files to {this}; run it as root, or as that user without --owner");
        }
    }

    // The largest number means "leave it as it is" to the kernel.
    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < uint.MaxValue ? number : null;
}
