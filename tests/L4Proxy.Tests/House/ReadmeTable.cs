using System.Text.RegularExpressions;

namespace L4Proxy.Tests.House;

/// <summary>One table of the README, found by the first cell of its header.</summary>
internal sealed partial class ReadmeTable
{
    private ReadmeTable(IReadOnlyList<IReadOnlyList<string>> rows) => Rows = rows;

    public static IReadOnlyList<string> Lines { get; } = File.ReadAllLines(Repository.Path("README.md"));

    /// <summary>The cells of every row below the header.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; }

    public static ReadmeTable StartingWith(string header)
    {
        var table = Lines.SkipWhile(line => !line.StartsWith($"| {header} |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.True(table.Count > 2, $"the README has no table whose first column is '{header}'");
        return new ReadmeTable([.. table.Skip(2).Select(Cells)]);
    }

    /// <summary>What stands in backticks, in order.</summary>
    public static IReadOnlyList<string> Quoted(string cell) => [.. Code().Matches(cell).Select(match => match.Groups["text"].Value)];

    /// <summary>
    /// Row by row every name of the first cell with its own value of the second: as many as there are names, or one that all of them share.
    /// </summary>
    public IEnumerable<(string Name, string Value, IReadOnlyList<string> Row)> Named() => Rows.SelectMany(row =>
    {
        var names = Quoted(row[0]);
        var values = Value().Matches(row[1]).Select(match => match.Value).ToList();
        Assert.True(values.Count == 1 || values.Count == names.Count, $"{row[0]} has {names.Count} names and {values.Count} values");
        return names.Select((name, index) => (name, values[values.Count == 1 ? 0 : index], row));
    });

    // A bar inside a cell is written \|.
    private static List<string> Cells(string line) =>
        [.. Bar().Split(line.Trim('|', ' ')).Select(cell => cell.Trim().Replace(@"\|", "|", StringComparison.Ordinal))];

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Code();

    // In backticks, a dash, or a word of its own.
    [GeneratedRegex("`[^`]+`|–|[a-z]+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Value();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Bar();
}
