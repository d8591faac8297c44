using System.Text;

namespace L4Proxy.Redirect;

/// <summary>What of ours stands in the kernel, read from <c>iptables-save</c>: what a payload replaces, and what a failed one is undone to.</summary>
internal sealed class IptablesSnapshot
{
    private readonly Dictionary<string, IptablesTable> _tables = new(StringComparer.Ordinal);

    public bool IsEmpty => _tables.Values.All(table => table.Chains.Count == 0 && table.Jumps.Count == 0);

    public IReadOnlyCollection<IptablesTable> Tables => _tables.Values;

    public static IptablesSnapshot Read(string saved)
    {
        var snapshot = new IptablesSnapshot();
        IptablesTable? table = null;
        foreach (var line in saved.Split('\n'))
        {
            if (line.StartsWith('*'))
            {
                snapshot._tables[line[1..].Trim()] = table = new IptablesTable(line[1..].Trim());
            }
            else if (table is not null && line.StartsWith(':' + IptablesRuleset.ChainPrefix, StringComparison.Ordinal))
            {
                table.Chain(line[1..line.IndexOf(' ', StringComparison.Ordinal)], hook: null);
            }
            else if (table is not null && line.StartsWith("-A ", StringComparison.Ordinal))
            {
                Rule(table, line[3..].TrimEnd());
            }
        }

        return snapshot;
    }

    /// <summary>The payload that turns <paramref name="existing"/> into <paramref name="wanted"/>; empty when there is nothing to do.</summary>
    public static string Replace(IptablesSnapshot existing, IReadOnlyCollection<IptablesTable> wanted)
    {
        var text = new StringBuilder();
        foreach (var table in wanted)
        {
            table.AppendTo(text, existing._tables.GetValueOrDefault(table.Name));
        }

        foreach (var stale in existing.Tables.Where(old => !wanted.Any(table => string.Equals(table.Name, old.Name, StringComparison.Ordinal))))
        {
            new IptablesTable(stale.Name).AppendTo(text, stale);
        }

        return text.ToString();
    }

    private static void Rule(IptablesTable table, string rule)
    {
        var blank = rule.IndexOf(' ', StringComparison.Ordinal);
        var (name, rest) = blank < 0 ? (rule, "") : (rule[..blank], rule[(blank + 1)..]);
        if (table.Chains.Find(chain => string.Equals(chain.Name, name, StringComparison.Ordinal)) is { } ours)
        {
            ours.Rule(rest);
        }
        else if (rest.StartsWith("-j " + IptablesRuleset.ChainPrefix, StringComparison.Ordinal) && !rest[3..].Contains(' ', StringComparison.Ordinal))
        {
            table.Jumps.Add(rule);
            if (table.Chains.Find(chain => string.Equals(chain.Name, rest[3..], StringComparison.Ordinal)) is { } target)
            {
                target.Hook = name;
            }
        }
    }
}
