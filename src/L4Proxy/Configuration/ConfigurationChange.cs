namespace L4Proxy.Configuration;

/// <summary>One key whose value differs between the running options and a new file.</summary>
internal sealed record ConfigurationChange(string Path, string Before, string After, ChangeEffect Effect)
{
    public override string ToString() => $"{Path} {Before} -> {After}: " + Effect switch
    {
        ChangeEffect.NewConnections => "applies to new connections",
        ChangeEffect.NextDrain => "applies to the next drain",
        _ => "needs a restart, ignored until then",
    };

    /// <summary>What differs, in the order of the file.</summary>
    public static IReadOnlyList<ConfigurationChange> Between(ProxyOptions running, ProxyOptions loaded) =>
    [
        .. OptionKey.All
            .Select(key => new ConfigurationChange(key.Path, key.Value(running), key.Value(loaded), key.Effect))
            .Where(change => change.Before != change.After),
        .. Forwards(running, loaded),
    ];

    /// <summary>
    /// The running options with every key of <paramref name="loaded"/> that can change while connections live. What needs a restart
    /// keeps its running value, so the result is always what the process really does.
    /// </summary>
    public static ProxyOptions Apply(ProxyOptions running, ProxyOptions loaded) => running with
    {
        Timeouts = loaded.Timeouts,
        Limits = loaded.Limits,
        Forward = [.. running.Forward.Select(forward => forward with { Upstream = (Same(forward, loaded) ?? forward).Upstream })],
    };

    /// <summary>A forward is the same one as long as it listens at the same address, wherever in the list it stands.</summary>
    private static ForwardOptions? Same(ForwardOptions forward, ProxyOptions options) =>
        options.Forward.FirstOrDefault(other => other.Listen.Equals(forward.Listen));

    private static IEnumerable<ConfigurationChange> Forwards(ProxyOptions running, ProxyOptions loaded)
    {
        foreach (var before in running.Forward)
        {
            var after = Same(before, loaded);
            if (after is null)
            {
                yield return new($"forward[{before.Listen}]", before.Upstream.ToString(), "off", ChangeEffect.Restart);
            }
            else if (!after.Upstream.Equals(before.Upstream))
            {
                var path = $"forward[{before.Listen}].upstream";
                yield return new(path, before.Upstream.ToString(), after.Upstream.ToString(), ChangeEffect.NewConnections);
            }
        }
        foreach (var added in loaded.Forward.Where(forward => Same(forward, running) is null))
        {
            yield return new($"forward[{added.Listen}]", "off", added.Upstream.ToString(), ChangeEffect.Restart);
        }
    }
}
