using L4Proxy.Load.Contenders;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load;

/// <summary>Who is measured with what: single proxies with plaintext, or pairs with mutual TLS, never both in one table.</summary>
/// <param name="Contenders">Names, the subject first.</param>
/// <param name="Workloads">Names, in order.</param>
internal sealed record Selection(IReadOnlyList<string> Contenders, IReadOnlyList<string> Workloads)
{
    /// <summary>Completes what was given: names of one kind bring everything of the same kind for what was left out.</summary>
    /// <param name="contenders">Known names; empty when none were given.</param>
    /// <param name="workloads">Known names; empty when none were given.</param>
    /// <param name="mutualTls">Whether pairs were asked for by the option.</param>
    /// <param name="error">Why these do not belong together.</param>
    internal static Selection? Create(string[] contenders, string[] workloads, bool mutualTls, out string? error)
    {
        var pairs = mutualTls || Array.Exists(contenders, IsPairOnly) || Array.Exists(workloads, IsMutualTls);
        contenders = contenders.Length > 0 ? contenders : [.. pairs ? ContenderCatalog.Pairs : ContenderCatalog.Names];
        workloads = workloads.Length > 0 ? workloads : [.. pairs ? WorkloadCatalog.MutualTls.Select(workload => workload.Name) : WorkloadCatalog.Default];
        string[] misfits = pairs
            ? [.. contenders.Except(ContenderCatalog.Pairs, StringComparer.Ordinal), .. workloads.Where(name => !IsMutualTls(name))]
            : [];
        error = misfits.Length == 0
            ? null
            : $"{string.Join(", ", misfits)}: plaintext, while the others are pairs with mutual TLS (names with 'mtls'). A run measures one or the other: start it twice.";
        return error is null ? new Selection(contenders, workloads) : null;
    }

    private static bool IsPairOnly(string contender) => !ContenderCatalog.Names.Contains(contender, StringComparer.Ordinal);

    private static bool IsMutualTls(string workload) => WorkloadCatalog.MutualTls.Any(known => known.Name == workload);
}
