namespace L4Proxy.Configuration.Binding;

/// <summary>Finds the word a person probably meant.</summary>
internal static class Suggestion
{
    /// <returns>"did you mean 'x'?" where one is close, else all that is known.</returns>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        var (closest, distance) = known.Select(candidate => (candidate, Distance(word, candidate))).MinBy(pair => pair.Item2);
        // A third of the letters wrong is still a typo; more is another word.
        return distance <= Math.Max(1, closest.Length / 3)
            ? $"did you mean '{closest}'?"
            : $"known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Levenshtein's distance, letters compared without case.</summary>
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > right.Length)
        {
            return int.MaxValue;
        }
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitute = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
