using System.Net.Sockets;

namespace L4Proxy.Redirect;

/// <summary>Our chains in the kernel through one kind of iptables, both families.</summary>
internal sealed class IptablesBackend(RedirectBackend backend)
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <summary>
    /// Replaces our chains, one commit per table and family. A payload is atomic per table only, so whatever fails, every table of both
    /// families is put back to what it was.
    /// </summary>
    public async Task<RuleFailure?> ApplyAsync(RedirectOptions options)
    {
        var addresses = HostIpv6.Addresses();
        var undo = new List<(IptablesPrograms Programs, IptablesSnapshot Before)>();
        foreach (var family in Families)
        {
            var v6 = family == AddressFamily.InterNetworkV6;
            var wanted = !v6 || RedirectRules.CapturesIpv6(options);
            var failure = await ApplyAsync(family, wanted ? IptablesRuleset.Tables(options, family) : [], undo);
            if (failure is null || !wanted)
            {
                continue;
            }

            if (await UndoAsync(undo) is { } notUndone)
            {
                return new RuleFailure(FailureCause.NotUndone, $"{failure.Sentence} What stood before could not be put back: {notUndone.Sentence}");
            }

            return v6 && failure.Cause != FailureCause.NoPermission ? ExplainIpv6(failure, addresses) : failure;
        }

        return null;
    }

    /// <summary>Removes our chains from both families; true when there were any.</summary>
    public async Task<(bool Removed, RuleFailure? Failure)> RemoveAsync()
    {
        var removed = false;
        foreach (var family in Families)
        {
            if (await IptablesPrograms.FindAsync(backend, family) is not { } programs)
            {
                continue;
            }

            var (existing, failure) = await SnapshotAsync(programs);
            failure = existing switch
            {
                // No table, no module, no IPv6: nothing of ours can be there.
                null => failure is { Cause: FailureCause.NoPermission } ? failure : null,
                { IsEmpty: true } => null,
                _ => await RestoreAsync(programs, IptablesSnapshot.Replace(existing, [])),
            };
            if (failure is not null)
            {
                return (removed, failure);
            }

            removed |= existing is { IsEmpty: false };
        }

        return (removed, null);
    }

    private async Task<RuleFailure?> ApplyAsync(
        AddressFamily family,
        IReadOnlyCollection<IptablesTable> tables,
        List<(IptablesPrograms Programs, IptablesSnapshot Before)> undo)
    {
        if (await IptablesPrograms.FindAsync(backend, family) is not { } programs)
        {
            var name = family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";
            return RuleFailure.NotInstalled($"{name}-{(backend == RedirectBackend.IptablesNft ? "nft" : "legacy")}", "iptables");
        }

        var (existing, failure) = await SnapshotAsync(programs);
        if (existing is null)
        {
            return failure;
        }

        undo.Add((programs, existing));
        return await RestoreAsync(programs, IptablesSnapshot.Replace(existing, tables));
    }

    private static async Task<RuleFailure?> UndoAsync(List<(IptablesPrograms Programs, IptablesSnapshot Before)> undo)
    {
        foreach (var (programs, before) in undo)
        {
            var (now, failure) = await SnapshotAsync(programs);
            failure = now is null ? failure : await RestoreAsync(programs, IptablesSnapshot.Replace(now, before.Tables));
            if (failure is not null)
            {
                return failure;
            }
        }

        return null;
    }

    private static async Task<(IptablesSnapshot? Snapshot, RuleFailure? Failure)> SnapshotAsync(IptablesPrograms programs)
    {
        var saved = await ExternalProgram.RunAsync(programs.Save, [], "");
        return saved.Succeeded ? (IptablesSnapshot.Read(saved.Output), null) : (null, RuleFailure.Of(saved));
    }

    private static async Task<RuleFailure?> RestoreAsync(IptablesPrograms programs, string payload)
    {
        if (payload.Length == 0)
        {
            return null;
        }

        var answer = await ExternalProgram.RunAsync(programs.Restore, programs.RestoreArguments, payload);
        return answer.Succeeded ? null : RuleFailure.Of(answer);
    }

    private static RuleFailure ExplainIpv6(RuleFailure failure, IReadOnlyList<HostIpv6Address> addresses)
    {
        var why = addresses.Count > 0 ? $"IPv6 is in use here ({addresses[0].Address} on {addresses[0].Interface})" : "--ipv6 on asks for IPv6";
        return failure with
        {
            Sentence = $"{why} but cannot be captured: {failure.Sentence.TrimEnd('.')}; or use --ipv6 off to let IPv6 bypass the proxy.",
        };
    }
}
