using System.Globalization;
using System.Net;

namespace L4Proxy.Redirect;

/// <summary>An IPv6 address of this network namespace that others can reach.</summary>
/// <param name="Address">Neither link-local nor loopback.</param>
/// <param name="Interface">Where it is.</param>
/// <param name="IsUsable">False while the kernel still checks for duplicates, or found one: nothing can be sent from or to it.</param>
internal sealed record HostIpv6Address(IPAddress Address, string Interface, bool IsUsable);

/// <summary>Reads /proc/net/if_inet6 (absent on a kernel without IPv6): address, index, prefix length, scope, flags, name.</summary>
internal static class HostIpv6
{
    private const int ScopeHost = 0x10, ScopeLink = 0x20; // include/net/ipv6.h, IPV6_ADDR_*
    private const int DadFailed = 0x08, Tentative = 0x40; // include/uapi/linux/if_addr.h, IFA_F_*

    public static IReadOnlyList<HostIpv6Address> Addresses() =>
        File.Exists("/proc/net/if_inet6") ? Read(File.ReadAllLines("/proc/net/if_inet6")) : [];

    internal static IReadOnlyList<HostIpv6Address> Read(IEnumerable<string> lines)
    {
        var addresses = new List<HostIpv6Address>();

        // The kernel lists them by hash; by interface index and text the first one is the same every time.
        foreach (var fields in lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .OrderBy(fields => fields.Length > 1 ? Hex(fields[1]) : 0).ThenBy(fields => fields.FirstOrDefault(), StringComparer.Ordinal))
        {
            if (fields.Length < 6 || Hex(fields[3]) is ScopeHost or ScopeLink)
            {
                continue;
            }

            addresses.Add(new HostIpv6Address(
                new IPAddress(Convert.FromHexString(fields[0])), fields[5], (Hex(fields[4]) & (DadFailed | Tentative)) == 0));
        }

        return addresses;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
