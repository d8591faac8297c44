using System.Collections.Immutable;

namespace L4Proxy.Core.Routing;

/// <summary>
/// What one list of resources has that another has not, by reference: documents that did not change are the same objects. What both begin
/// and end with costs a comparison each; only what lies between is looked up.
/// </summary>
internal sealed class SourceDifference<T>
    where T : class
{
    public SourceDifference(ImmutableArray<T> before, ImmutableArray<T> after)
    {
        if (before == after)
        {
            return;
        }
        var start = 0;
        while (start < before.Length && start < after.Length && ReferenceEquals(before[start], after[start]))
        {
            start++;
        }
        var end = 0;
        while (end < before.Length - start && end < after.Length - start && ReferenceEquals(before[^(end + 1)], after[^(end + 1)]))
        {
            end++;
        }
        var gone = new HashSet<T>(before.AsSpan(start..^end).ToArray(), ReferenceEqualityComparer.Instance);
        foreach (var item in after.AsSpan(start..^end))
        {
            if (!gone.Remove(item))
            {
                Added.Add(item);
            }
        }
        Removed = gone;
    }

    public HashSet<T> Removed { get; } = [];
    public List<T> Added { get; } = [];

    public bool IsEmpty => Removed.Count == 0 && Added.Count == 0;
}
