using System.Text;

namespace L4Proxy.Redirect;

/// <summary>Our chains of one table, in iptables-restore's language.</summary>
internal sealed class IptablesTable(string name)
{
    public string Name { get; } = name;

    public List<IptablesChain> Chains { get; } = [];

    /// <param name="chain">The chain's name.</param>
    /// <param name="hook">The built-in chain that jumps to it first of all; null when only our own chains do.</param>
    public IptablesChain Chain(string chain, string? hook)
    {
        var added = new IptablesChain(chain, hook);
        Chains.Add(added);
        return added;
    }

    /// <summary>
    /// Writes the one commit that replaces whatever <paramref name="existing"/> holds of ours by this. <c>:CHAIN</c> creates a chain or
    /// empties it, even under --noflush; our jumps that are there are deleted one by one and put back in front.
    /// </summary>
    public void AppendTo(StringBuilder text, IptablesTable? existing)
    {
        var stale = existing?.Chains.Where(old => !Chains.Exists(chain => string.Equals(chain.Name, old.Name, StringComparison.Ordinal))).ToList() ?? [];
        if (Chains.Count == 0 && existing is null or { Chains.Count: 0, Jumps.Count: 0 })
        {
            return;
        }

        Line(text, $"*{Name}");
        foreach (var chain in Chains)
        {
            Line(text, $":{chain.Name} - [0:0]");
        }

        foreach (var jump in existing?.Jumps ?? [])
        {
            Line(text, $"-D {jump}");
        }

        foreach (var chain in stale)
        {
            Line(text, $"-F {chain.Name}");
        }

        foreach (var chain in stale)
        {
            Line(text, $"-X {chain.Name}");
        }

        foreach (var chain in Chains)
        {
            foreach (var rule in chain.Rules)
            {
                Line(text, $"-A {chain.Name} {rule}");
            }
        }

        // In front, and in the order in which they are listed: the last inserted comes first.
        foreach (var chain in Chains.Where(chain => chain.Hook is not null).Reverse())
        {
            Line(text, $"-I {chain.Hook} 1 -j {chain.Name}");
        }

        Line(text, "COMMIT");
    }

    /// <summary>Jumps from built-in chains into ours, as <c>iptables-save</c> lists them, without the leading <c>-A</c>.</summary>
    public List<string> Jumps { get; } = [];

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}

/// <summary>One chain of ours and what is in it.</summary>
internal sealed class IptablesChain(string name, string? hook)
{
    public string Name { get; } = name;

    public string? Hook { get; set; } = hook;

    public List<string> Rules { get; } = [];

    public void Rule(string rule) => Rules.Add(rule);
}
