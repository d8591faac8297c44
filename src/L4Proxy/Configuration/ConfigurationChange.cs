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
            .Select(key => new ConfigurationChange(key.Path, key.Value(running), key.Value(loaded), EffectOf(key, running, loaded)))
            .Where(change => change.Before != change.After),
        .. Forwards(running, loaded),
    ];

    /// <summary>
    /// The running options with every key of <paramref name="loaded"/> that can change while connections live. What needs a restart
    /// keeps its running value, so the result is always what the process really does.
    /// </summary>
    public static ProxyOptions Apply(ProxyOptions running, ProxyOptions loaded) => running with
    {
        Capture = running.Capture with { ProxyProtocol = loaded.Capture.ProxyProtocol },
        Mesh = (IdentityWaits(running, loaded) ? running.Mesh : loaded.Mesh) with
        {
            Resources = running.Mesh.Resources,
            RootNamespace = running.Mesh.RootNamespace,
            LearnEgress = running.Mesh.LearnEgress,
        },
        Timeouts = loaded.Timeouts,
        Limits = loaded.Limits,
        Forward = [.. running.Forward.Select(forward => Apply(forward, Same(forward, loaded), IdentityWaits(running, loaded)))],
    };

    private static ForwardOptions Apply(ForwardOptions running, ForwardOptions? loaded, bool identityWaits) =>
        loaded is null ? running
        : identityWaits ? loaded with { Tls = running.Tls, Peers = running.Peers, Sni = running.Sni }
        : loaded;

    /// <summary>
    /// An identity comes and goes with a restart, and what is done with it waits for the same: until then STRICT would refuse everybody.
    /// </summary>
    private static bool IdentityWaits(ProxyOptions running, ProxyOptions loaded) => running.Identity.Source != loaded.Identity.Source;

    private static ChangeEffect EffectOf(OptionKey key, ProxyOptions running, ProxyOptions loaded) =>
        key.Path.StartsWith("mesh.", StringComparison.Ordinal) && IdentityWaits(running, loaded) ? ChangeEffect.Restart : key.Effect;

    /// <summary>A forward is the same one as long as it listens at the same address, wherever in the list it stands.</summary>
    private static ForwardOptions? Same(ForwardOptions forward, ProxyOptions options) =>
        options.Forward.FirstOrDefault(other => other.Listen.Equals(forward.Listen));

    private static IEnumerable<ConfigurationChange> Forwards(ProxyOptions running, ProxyOptions loaded)
    {
        foreach (var before in running.Forward)
        {
            if (Same(before, loaded) is not { } after)
            {
                yield return new($"forward[{before.Listen}]", before.Upstream.ToString(), "off", ChangeEffect.Restart);
                continue;
            }
            foreach (var key in ForwardKey.All)
            {
                var effect = key.NeedsIdentity && IdentityWaits(running, loaded) ? ChangeEffect.Restart : ChangeEffect.NewConnections;
                var (was, becomes) = (key.Value(before), key.Value(after));
                if (was != becomes)
                {
                    yield return new($"forward[{before.Listen}].{key.Name}", was, becomes, effect);
                }
            }
        }
        foreach (var added in loaded.Forward.Where(forward => Same(forward, running) is null))
        {
            yield return new($"forward[{added.Listen}]", "off", added.Upstream.ToString(), ChangeEffect.Restart);
        }
    }
}
