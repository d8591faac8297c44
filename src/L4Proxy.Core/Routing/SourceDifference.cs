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
        var gone = before.AsSpan(start..^end);
        var come = after.AsSpan(start..^end);
        // Where nothing was put in or taken out between, what stands at the same place is most likely the same.
        var isInPlace = gone.Length == come.Length;
        for (var index = 0; index < gone.Length; index++)
        {
            if (!isInPlace || !ReferenceEquals(gone[index], come[index]))
            {
                Removed.Add(gone[index]);
            }
        }
        for (var index = 0; index < come.Length; index++)
        {
            if ((!isInPlace || !ReferenceEquals(gone[index], come[index])) && !Removed.Remove(come[index]))
            {
                Added.Add(come[index]);
            }
        }
    }

    public HashSet<T> Removed { get; } = new(ReferenceEqualityComparer.Instance);
    public List<T> Added { get; } = [];

    public bool IsEmpty => Removed.Count == 0 && Added.Count == 0;
}
