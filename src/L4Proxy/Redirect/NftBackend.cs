namespace L4Proxy.Redirect;

/// <summary>Our nft table in the kernel.</summary>
internal static class NftBackend
{
    /// <summary>Replaces the table in one transaction; on failure the old one stands untouched.</summary>
    public static async Task<RuleFailure?> ApplyAsync(RedirectOptions options, bool socketMatch)
    {
        var text = NftRuleset.Render(options, socketMatch);
        return await RunAsync(["-c", "-f", "-"], text) ?? await RunAsync(["-f", "-"], text);
    }

    /// <summary>Deletes the table; true when there was one.</summary>
    public static async Task<(bool Removed, RuleFailure? Failure)> RemoveAsync()
    {
        var listed = await ExternalProgram.RunAsync("nft", ["list", "table", .. NftRuleset.Table.Split(' ')], "");
        if (!listed.Succeeded)
        {
            // Not installed, no such table, or a kernel without nf_tables: nothing of ours can be there.
            var failure = listed.IsInstalled ? RuleFailure.Of(listed) : null;
            return (false, failure is { Cause: FailureCause.NoPermission } ? failure : null);
        }

        var refused = await RunAsync(["-f", "-"], NftRuleset.RenderRemoval());
        return (refused is null, refused);
    }

    private static async Task<RuleFailure?> RunAsync(string[] arguments, string text)
    {
        var answer = await ExternalProgram.RunAsync("nft", arguments, text);
        return answer switch
        {
            { IsInstalled: false } => RuleFailure.NotInstalled("nft", "nftables"),
            { Succeeded: false } => RuleFailure.Of(answer),
            _ => null,
        };
    }
}
