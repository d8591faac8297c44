using System.Globalization;
using System.Text;

namespace L4Proxy.Load.Reporting;

/// <summary>The tables in columns.</summary>
internal static class TerminalReport
{
    internal static string Write(Results results)
    {
        var text = new StringBuilder();
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"CPU of the proxy per unit of work (idle: memory; storm: p99); medians; lower is better; {results.Topology}; {results.Blocks} blocks A B B A").AppendLine();
        Append(text, Grid.Costs(results));
        if (results.Contenders.Count > 1)
        {
            text.AppendLine().AppendLine($"{results.Contenders[0].Name} over each peer: median of the blocks (lowest-highest)").AppendLine();
            Append(text, Grid.Ratios(results));
        }
        var speeds = Grid.Speeds(results);
        if (speeds.Count > 1)
        {
            text.AppendLine().AppendLine("Speed and latency (they include what generator and server cost; 'direct' is the ceiling)").AppendLine();
            Append(text, speeds);
        }
        foreach (var contender in results.Contenders.Where(contender => contender.Negotiated.Length > 0))
        {
            text.AppendLine().Append($"{contender.Name}: {contender.Negotiated}");
        }
        return text.AppendLine().AppendLine(results.Quietness).ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
