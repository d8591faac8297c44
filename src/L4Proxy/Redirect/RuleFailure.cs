namespace L4Proxy.Redirect;

/// <summary>Why rules could not be read or set, in terms of what the reader can change.</summary>
internal enum FailureCause
{
    NotInstalled,
    NoPermission,
    KernelLacks,
    Refused,

    /// <summary>Refused half way, and what stood before could not be put back.</summary>
    NotUndone,
}

/// <param name="Cause">What kind of thing is missing.</param>
/// <param name="Sentence">One sentence: what is missing and what would do.</param>
internal sealed record RuleFailure(FailureCause Cause, string Sentence)
{
    /// <summary>Kernel modules by the word of the rule that needs them; nft echoes the refused rule, iptables names table or match.</summary>
    private static readonly (string Word, string Module)[] NftModules =
    [
        ("tproxy to", "nft_tproxy"), ("socket ", "nft_socket"), ("fib ", "nft_fib_inet"), ("redirect to", "nft_redir"),
        ("reject with", "nft_reject_inet"), ("ct s", "nft_ct"), ("chain prerouting", "nft_chain_nat"), ("chain output", "nft_chain_nat"),
    ];

    private static readonly string[] XtModules =
        ["socket", "TPROXY", "addrtype", "multiport", "conntrack", "owner", "dscp", "REDIRECT", "REJECT", "CONNMARK", "connmark", "mark"];

    public static RuleFailure NotInstalled(string program, string package) =>
        new(FailureCause.NotInstalled, $"{program} is not installed; install the package {package}.");

    public static RuleFailure Of(ProgramAnswer answer)
    {
        var words = answer.Error.Trim();
        if (Says(words, "Operation not permitted") || Says(words, "Permission denied") || Says(words, "must be root"))
        {
            return new RuleFailure(
                FailureCause.NoPermission,
                "no permission to change packet rules: this needs CAP_NET_ADMIN (iptables-legacy also CAP_NET_RAW) in the network "
                + "namespace; run it as root, or in the pod's init container with capabilities: {add: [NET_ADMIN]}.");
        }

        var said = Shorten(words);
        return MissingModule(answer.Program, said) is { } module
            ? new RuleFailure(
                FailureCause.KernelLacks,
                $"the kernel lacks what {answer.Program} needs ({said}); load the module {module} on the node (modprobe {module}).")
            : new RuleFailure(FailureCause.Refused, $"{answer.Program} refused the rules with exit code {answer.ExitCode}: {said}.");
    }

    private static string? MissingModule(string program, string words)
    {
        var ip = program.StartsWith("ip6", StringComparison.Ordinal) ? "ip6" : "ip";
        if (!program.Contains("tables", StringComparison.Ordinal))
        {
            var refused = Says(words, "Could not process rule") || Says(words, "not supported") || Says(words, "cache initialization failed");
            var missing = Says(words, "No such file or directory") || Says(words, "not supported") || Says(words, "Invalid argument");
            return !refused || !missing ? null
                : Array.Find(NftModules, module => Says(words, module.Word)).Module ?? "nf_tables";
        }

        foreach (var table in new[] { "nat", "mangle", "filter" })
        {
            if (Says(words, $"table `{table}'") || Says(words, $"table '{table}'"))
            {
                return $"{ip}table_{table}";
            }
        }

        if (Says(words, "missing kernel module") || Says(words, "No chain/target/match by that name") || Says(words, "Couldn't load"))
        {
            return Array.Find(XtModules, word => Says(words, word)) is { } match ? $"xt_{match}" : $"{ip}table_nat";
        }

        return Says(words, "Protocol not supported") || Says(words, "Could not fetch rule set generation id") ? "nf_tables" : null;
    }

    // nft underlines the whole rule and repeats itself for every rule after the first; the first message and its rule say it all.
    private static string Shorten(string words)
    {
        var lines = words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.Trim('^', '~', ' ').Length > 0)
            .Take(2);
        var text = string.Join(": ", lines).TrimEnd('.');
        return text.Length switch { 0 => "no reason given", > 300 => text[..300] + "…", _ => text };
    }

    private static bool Says(string words, string what) => words.Contains(what, StringComparison.OrdinalIgnoreCase);
}
