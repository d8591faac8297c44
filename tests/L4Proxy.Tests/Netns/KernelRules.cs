using System.Text.RegularExpressions;

namespace L4Proxy.Tests.Netns;

/// <summary>Every packet rule of a namespace as comparable text: nft's and both kinds of iptables, without counters and dates.</summary>
internal static partial class KernelRules
{
    private static readonly string[] SavePrograms = ["iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save", "ip6tables-legacy-save"];

    /// <summary>Rules only: a table or a built-in chain without rules, which iptables leaves behind, is not one. nft's other families are iptables' own.</summary>
    public static string Listing(NetworkNamespace where)
    {
        var lines = new List<string> { where.MustRun("nft", "-s", "list", "ruleset", "inet") };
        foreach (var program in SavePrograms)
        {
            lines.Add(program);
            lines.AddRange(where.MustRun(program).Split('\n').Where(line => line.StartsWith("-A", StringComparison.Ordinal) || line.StartsWith(":L4P", StringComparison.Ordinal))
                .Select(line => Counters().Replace(line, "")));
        }

        return string.Join('\n', lines);
    }

    /// <summary>The backends that hold rules of ours, by the name of <c>--backend</c>.</summary>
    public static IReadOnlyList<string> Holders(NetworkNamespace where)
    {
        var holders = new List<string>();
        if (where.Run("nft", "list", "table", "inet", "l4proxy").ExitCode == 0)
        {
            holders.Add("nft");
        }

        foreach (var kind in new[] { "nft", "legacy" })
        {
            if (new[] { "iptables", "ip6tables" }.Any(name => where.MustRun($"{name}-{kind}-save").Contains("L4P_", StringComparison.Ordinal)))
            {
                holders.Add($"iptables-{kind}");
            }
        }

        return holders;
    }

    [GeneratedRegex(@"\[\d+:\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Counters();
}
