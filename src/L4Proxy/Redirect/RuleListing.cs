using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Redirect;

/// <summary>The rules as text for people: exactly what <c>apply</c> feeds to the backend, with the command it is fed to.</summary>
internal static class RuleListing
{
    public static string Text(RedirectOptions options)
    {
        var text = new StringBuilder();
        if (options.Mode == InboundMode.Tproxy)
        {
            foreach (var command in PolicyRouting.Describe(RedirectRules.CapturesIpv6(options)))
            {
                text.Append("# ").Append(command).Append('\n');
            }
        }

        if (options.Backend is RedirectBackend.Auto or RedirectBackend.Nft)
        {
            return text.Append("# nft -f -\n").Append(NftRuleset.Render(options)).ToString();
        }

        var kind = options.Backend == RedirectBackend.IptablesNft ? "nft-restore --noflush" : "legacy-restore -w 10 --noflush";
        text.Append("# iptables-").Append(kind).Append('\n').Append(IptablesRuleset.Render(options, AddressFamily.InterNetwork));
        if (!RedirectRules.CapturesIpv6(options))
        {
            return text.Append("# ip6tables: nothing, no IPv6 address here or --ipv6 off\n").ToString();
        }

        return text.Append("# ip6tables-").Append(kind).Append('\n').Append(IptablesRuleset.Render(options, AddressFamily.InterNetworkV6)).ToString();
    }
}
