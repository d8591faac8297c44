namespace L4Proxy.Load.Contenders;

/// <summary>What stands between generator and server under one name: a proxy, or a pair of them with mutual TLS between the two.</summary>
/// <param name="Name">What users give to <c>--contenders</c>.</param>
/// <param name="Hops">In the order in which a connection passes them.</param>
internal sealed record Chain(string Name, IReadOnlyList<IContender> Hops)
{
    /// <summary>A pair has one set of settings: its ends differ only in who originates and who terminates.</summary>
    internal string Settings => Hops[0].Settings;

    internal Launch VersionCommand => Hops[0].VersionCommand;
}
