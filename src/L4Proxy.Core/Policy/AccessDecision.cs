namespace L4Proxy.Core.Policy;

/// <summary>Why a connection is allowed or denied. The order of the members is the order of the questions.</summary>
public enum AccessReason : byte
{
    /// <summary>A DENY rule matched.</summary>
    DenyMatched,

    /// <summary>There is no ALLOW policy.</summary>
    NoAllowPolicy,

    /// <summary>An ALLOW rule matched.</summary>
    AllowMatched,

    /// <summary>There are ALLOW policies and none matched.</summary>
    NoAllowMatched,
}

/// <summary>What policy says about one connection.</summary>
/// <param name="Reason">Why.</param>
/// <param name="By">The rule that decided; null where none did.</param>
public readonly record struct AccessVerdict(AccessReason Reason, PolicyHit? By)
{
    public bool IsAllowed => Reason is AccessReason.NoAllowPolicy or AccessReason.AllowMatched;
}

/// <param name="Verdict">What is in force.</param>
/// <param name="WithDryRun">What it would be if policies in dry run were in force as well; the same where there are none.</param>
/// <param name="Audit">The first AUDIT rule that matched; null for none.</param>
public readonly record struct AccessDecision(AccessVerdict Verdict, AccessVerdict WithDryRun, PolicyHit? Audit)
{
    public bool IsAllowed => Verdict.IsAllowed;
}
