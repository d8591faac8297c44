using System.Net.Sockets;

namespace L4Proxy.Redirect;

/// <summary>The save and restore programs of one kind of iptables for one family.</summary>
internal sealed record IptablesPrograms(string Save, string Restore, bool TakesLock)
{
    /// <summary>
    /// Under their own names (iptables-nft-restore) or, where a distribution ships only one kind, under the plain one if
    /// <c>iptables --version</c> says it is that kind. Null when neither is there.
    /// </summary>
    public static async Task<IptablesPrograms?> FindAsync(RedirectBackend backend, AddressFamily family)
    {
        var kind = backend == RedirectBackend.IptablesNft ? "nft" : "legacy";
        var name = family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";
        var takesLock = backend == RedirectBackend.IptablesLegacy;
        if (ExternalProgram.IsInstalled($"{name}-{kind}-restore") && ExternalProgram.IsInstalled($"{name}-{kind}-save"))
        {
            return new IptablesPrograms($"{name}-{kind}-save", $"{name}-{kind}-restore", takesLock);
        }

        var version = await ExternalProgram.RunAsync(name, ["--version"], "");
        return version.Succeeded && version.Output.Contains(takesLock ? "(legacy)" : "(nf_tables)", StringComparison.Ordinal)
            ? new IptablesPrograms($"{name}-save", $"{name}-restore", takesLock)
            : null;
    }

    /// <summary>10 s for the lock that legacy programs share: long enough for another tool's payload, short enough for a pod's start.</summary>
    public string[] RestoreArguments => TakesLock ? ["-w", "10", "--noflush"] : ["--noflush"];
}
