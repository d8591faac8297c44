using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>
/// A number per policy, by its <c>namespace/name</c>, for the life of the process: a policy that is read again goes on where it was.
/// Thread-safe.
/// </summary>
public sealed class PolicyTally
{
    /// <summary>Policies with a number of their own; those that come later share <see cref="Overflow"/>, so that a scrape stays small.</summary>
    public const int MaximumPolicies = 100;

    /// <summary>No policy's name: those have a slash.</summary>
    public const string Overflow = "overflow";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal) { [Overflow] = 0 };

    /// <summary>Every policy that has a number, and what the others share.</summary>
    public ImmutableArray<KeyValuePair<string, long>> Numbers
    {
        get
        {
            lock (_lock)
            {
                return [.. _numbers];
            }
        }
    }

    /// <summary>Makes a number for a policy before it does anything, so that a rate over its first connection is right.</summary>
    public void Expect(AuthorizationPolicy policy) => Add(policy.Origin.Id, 0);

    /// <summary>Adds one to the policy of this rule.</summary>
    // demo/deny-web#0: the rule's id is there already, the policy's would have to be made.
    public void Add(PolicyHit rule) => Add(rule.Id.AsSpan(0, rule.Id.LastIndexOf('#')), 1);

    private void Add(ReadOnlySpan<char> policy, int connections)
    {
        lock (_lock)
        {
            var byName = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            if (_numbers.Count > MaximumPolicies && !byName.ContainsKey(policy))
            {
                policy = Overflow;
            }
            CollectionsMarshal.GetValueRefOrAddDefault(byName, policy, out _) += connections;
        }
    }
}
