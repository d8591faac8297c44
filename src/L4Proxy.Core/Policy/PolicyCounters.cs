namespace L4Proxy.Core.Policy;

/// <summary>
/// What policy decided, counted when it decides: a connection that lives for days is in these numbers from its first second on. One for
/// all loops: it is asked once per connection, not once per transfer. Thread-safe; counting allocates nothing once a policy is known.
/// </summary>
public sealed class PolicyCounters
{
    private long _allowed;
    private long _deniedByRule;
    private long _deniedByDefault;
    private long _wouldDenyByDefault;

    /// <summary>Connections let through, with no ALLOW policy, by an ALLOW rule, or because policy is in dry run as a whole.</summary>
    public long Allowed => Interlocked.Read(ref _allowed);

    /// <summary>Connections that a DENY rule refused.</summary>
    public long DeniedByRule => Interlocked.Read(ref _deniedByRule);

    /// <summary>Connections refused because there are ALLOW policies and none matched.</summary>
    public long DeniedByDefault => Interlocked.Read(ref _deniedByDefault);

    /// <summary>Connections that DENY policies in dry run would have refused.</summary>
    public PolicyTally WouldDeny { get; } = new();

    /// <summary>Connections that were refused and that ALLOW policies in dry run would have let through.</summary>
    public PolicyTally WouldAllow { get; } = new();

    /// <summary>Connections that would have been refused for want of an ALLOW rule, had the dry run been enforced.</summary>
    public long WouldDenyByDefault => Interlocked.Read(ref _wouldDenyByDefault);

    /// <summary>Connections that AUDIT policies marked.</summary>
    public PolicyTally Audited { get; } = new();

    /// <summary>Makes the numbers of policies that came into force. Optional; without it each begins with its first connection.</summary>
    public void Expect(PolicySet policies)
    {
        foreach (var policy in policies.Policies)
        {
            var tally = policy switch
            {
                { Action: PolicyAction.Audit, IsDryRun: false } => Audited,
                { Action: PolicyAction.Deny, IsDryRun: true } => WouldDeny,
                { Action: PolicyAction.Allow, IsDryRun: true } => WouldAllow,
                _ => null,
            };
            tally?.Expect(policy);
        }
    }

    /// <summary>Counts the decision about one new connection. Call it once per connection; judging it again later is not a new decision.</summary>
    /// <param name="decision">What was decided.</param>
    /// <param name="isEnforced">False: policy is in dry run as a whole, and the connection goes on whatever was decided.</param>
    public void Count(in AccessDecision decision, bool isEnforced = true)
    {
        Decided(isEnforced ? decision.Verdict.Reason : AccessReason.NoAllowPolicy);
        if (decision.WithDryRun.IsAllowed != (!isEnforced || decision.IsAllowed))
        {
            WouldDecide(decision.WithDryRun);
        }
        if (decision.Audit is { } audit)
        {
            Audited.Add(audit);
        }
    }

    private void Decided(AccessReason reason)
    {
        switch (reason)
        {
            case AccessReason.DenyMatched:
                Interlocked.Increment(ref _deniedByRule);
                break;
            case AccessReason.NoAllowMatched:
                Interlocked.Increment(ref _deniedByDefault);
                break;
            default:
                Interlocked.Increment(ref _allowed);
                break;
        }
    }

    private void WouldDecide(AccessVerdict verdict)
    {
        if (verdict.By is not { } rule)
        {
            Interlocked.Increment(ref _wouldDenyByDefault);
        }
        else if (verdict.IsAllowed)
        {
            WouldAllow.Add(rule);
        }
        else
        {
            WouldDeny.Add(rule);
        }
    }
}
