namespace L4Proxy.Redirect;

/// <summary>Our nft table in the kernel.</summary>
internal static class NftBackend
{
    /// <summary>Replaces the table in one transaction; on failure the old one stands untouched.</summary>
    public static async Task<RuleFailure?> ApplyAsync(RedirectOptions options, bool socketMatch, CancellationToken cancellationToken)
    {
        var text = NftRuleset.Render(options, socketMatch);
        return await RunAsync(["-c", "-f", "-"], text, cancellationToken) ?? await RunAsync(["-f", "-"], text, cancellationToken);
    }

    /// <summary>Deletes the table; true when there was one.</summary>
    public static async Task<(bool Removed, RuleFailure? Failure)> RemoveAsync(CancellationToken cancellationToken)
    {
        var listed = await ExternalProgram.RunAsync("nft", ["list", "table", .. NftRuleset.Table.Split(' ')], "", cancellationToken);
        if (!listed.Succeeded)
        {
            // Not installed, no such table, or a kernel without nf_tables: nothing of ours can be there.
            var failure = listed.IsInstalled ? RuleFailure.Of(listed) : null;
            return (false, failure is { Cause: FailureCause.NoPermission } ? failure : null);
        }

        var refused = await RunAsync(["-f", "-"], NftRuleset.RenderRemoval(), cancellationToken);
        return (refused is null, refused);
    }

    private static async Task<RuleFailure?> RunAsync(string[] arguments, string text, CancellationToken cancellationToken)
    {
        var answer = await ExternalProgram.RunAsync("nft", arguments, text, cancellationToken);
        return answer switch
        {
            { IsInstalled: false } => RuleFailure.NotInstalled("nft", "nftables"),
            { Succeeded: false } => RuleFailure.Of(answer),
            _ => null,
        };
    }
}
