namespace L4Proxy.Redirect;

/// <summary>How an <c>apply</c> or <c>remove</c> ended: one line per thing a person should know, in order.</summary>
/// <param name="Succeeded">False: nothing was changed, unless a line says so.</param>
/// <param name="Lines">Sentences.</param>
internal sealed record RedirectOutcome(bool Succeeded, IReadOnlyList<string> Lines);

/// <summary>
/// Puts the rules into the kernel and takes them out. A backend is chosen by giving it the real rules, never by what is lying around:
/// tables of another kind live beside ours without harm.
/// </summary>
internal static class RedirectRules
{
    private static readonly RedirectBackend[] Backends = [RedirectBackend.Nft, RedirectBackend.IptablesNft, RedirectBackend.IptablesLegacy];

    public static async Task<RedirectOutcome> ApplyAsync(RedirectOptions options)
    {
        if (NodeNamespace.Refusal(options) is { } refusal)
        {
            return new RedirectOutcome(false, [refusal]);
        }

        // The routes only serve marked packets, which need the rules: they go in first and come out last.
        var tproxy = options.Mode == InboundMode.Tproxy;
        var (routesAdded, noRoute) = tproxy ? await PolicyRouting.ApplyAsync(CapturesIpv6(options)) : default;
        if (noRoute is not null)
        {
            return new RedirectOutcome(false, [noRoute.Sentence, "Nothing was changed."]);
        }

        var lines = new List<string>();
        var failures = new List<(string Name, RuleFailure Failure)>();
        foreach (var backend in options.Backend == RedirectBackend.Auto ? Backends : [options.Backend])
        {
            if (await ApplyAsync(backend, options, lines, failures))
            {
                return await FinishAsync(backend, tproxy, lines);
            }
        }

        if (routesAdded)
        {
            await PolicyRouting.RemoveAsync();
        }

        return new RedirectOutcome(false, [
            .. Explain(failures),
            failures.Exists(failure => failure.Failure.Cause == FailureCause.NotUndone)
                ? "Rules are incomplete; run 'l4proxy redirect remove', then apply again."
                : "Nothing was changed.",
        ]);
    }

    /// <summary>Takes ours out of every backend; succeeds when there is nothing.</summary>
    public static async Task<RedirectOutcome> RemoveAsync()
    {
        var lines = new List<string>();
        var failures = new List<(string Name, RuleFailure Failure)>();
        foreach (var backend in Backends)
        {
            await RemoveAsync(backend, "", lines, failures);
        }

        var (routes, failure) = await PolicyRouting.RemoveAsync();
        if (routes)
        {
            lines.Add("Removed the routes of TPROXY mode.");
        }

        if (failure is not null)
        {
            failures.Add(("ip", failure));
        }

        if (failures.Count > 0)
        {
            return new RedirectOutcome(false, [.. lines, .. Explain(failures), "Rules there stay, if there are any."]);
        }

        return new RedirectOutcome(true, lines.Count > 0 ? lines : ["There were no rules."]);
    }

    /// <summary>The name under which <c>--backend</c> knows it.</summary>
    public static string Name(RedirectBackend backend) => backend switch
    {
        RedirectBackend.Auto => "auto",
        RedirectBackend.Nft => "nft",
        RedirectBackend.IptablesNft => "iptables-nft",
        RedirectBackend.IptablesLegacy => "iptables-legacy",
        _ => throw new ArgumentOutOfRangeException(nameof(backend)),
    };

    /// <summary>Whether IPv6 is captured here. nft takes both families at any rate; this is for what has one command per family.</summary>
    public static bool CapturesIpv6(RedirectOptions options) =>
        options.Ipv6 == Ipv6Capture.On || (options.Ipv6 == Ipv6Capture.Auto && HostIpv6.Addresses().Count > 0);

    private static async Task<bool> ApplyAsync(
        RedirectBackend backend, RedirectOptions options, List<string> lines, List<(string Name, RuleFailure Failure)> failures)
    {
        var name = Name(backend);
        var failure = backend == RedirectBackend.Nft
            ? await NftBackend.ApplyAsync(options, socketMatch: true)
            : await new IptablesBackend(backend).ApplyAsync(options);
        if (failure is null)
        {
            lines.Add($"Applied the rules with {name}.");
            return true;
        }

        failures.Add((name, failure));
        if (backend != RedirectBackend.Nft || !options.AsksForListener || failure.Cause is FailureCause.NotInstalled or FailureCause.NoPermission
            || await NftBackend.ApplyAsync(options, socketMatch: false) is not null)
        {
            return false;
        }

        lines.Add("Applied the rules with nft, without the socket match that this kernel or nft refuses (kernel 5.10 and nft 0.9.8 have it): a port on "
            + "which the application does not listen accepts and is then reset, instead of refusing.");
        return true;
    }

    // Only now are ours of another backend removed, so that there is no moment without rules; two sets at once do no harm meanwhile,
    // since the first to redirect a connection decides and both say the same.
    private static async Task<RedirectOutcome> FinishAsync(RedirectBackend applied, bool tproxy, List<string> lines)
    {
        var failures = new List<(string Name, RuleFailure Failure)>();
        foreach (var other in Backends.Where(other => other != applied))
        {
            await RemoveAsync(other, $"; {Name(applied)} has them now", lines, failures);
        }

        if (!tproxy && (await PolicyRouting.RemoveAsync()).Failure is { } route)
        {
            failures.Add(("ip", route));
        }

        lines.AddRange(failures.Select(failure => $"Rules of {failure.Name}, if there are any, stay: {failure.Failure.Sentence}"));

        // nft may hold CAP_NET_ADMIN as a file capability where iptables has none: then nobody here could have set rules with it.
        return new RedirectOutcome(failures.TrueForAll(failure => failure.Failure.Cause == FailureCause.NoPermission), lines);
    }

    private static async Task RemoveAsync(
        RedirectBackend backend, string reason, List<string> lines, List<(string Name, RuleFailure Failure)> failures)
    {
        var (removed, failure) = backend == RedirectBackend.Nft
            ? await NftBackend.RemoveAsync()
            : await new IptablesBackend(backend).RemoveAsync();
        if (removed)
        {
            lines.Add($"Removed the rules of {Name(backend)}{reason}.");
        }

        if (failure is not null)
        {
            failures.Add((Name(backend), failure));
        }
    }

    private static List<string> Explain(List<(string Name, RuleFailure Failure)> failures)
    {
        // One cause for all: one sentence. Otherwise each backend says its own.
        var sentences = failures.Select(failure => failure.Failure.Sentence).Distinct(StringComparer.Ordinal).ToList();
        return sentences.Count == 1 ? sentences : [.. failures.Select(failure => $"{failure.Name}: {failure.Failure.Sentence}")];
    }
}
