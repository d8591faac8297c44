using System.Globalization;
using System.Text;

namespace L4Proxy.Load.Reporting;

/// <summary>The cost table for a README, dated, with the machine and the versions.</summary>
internal static class MarkdownReport
{
    internal static string Write(Results results)
    {
        var rows = Grid.Costs(results);
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendLine($"| {string.Join(" | ", row)} |");
            if (ReferenceEquals(row, rows[0]))
            {
                text.AppendLine($"|{string.Concat(Enumerable.Repeat("---|", row.Length))}");
            }
        }
        var machine = results.Surroundings;
        var versions = results.Contenders.Where(contender => contender.Version.Length > 0).Select(contender => $"{contender.Name}: {contender.Version}, {contender.Settings}{(contender.Negotiated.Length > 0 ? ", " + contender.Negotiated : "")}");
        text.AppendLine().AppendLine(
            CultureInfo.InvariantCulture,
            $"{results.Started:yyyy-MM-dd}, {machine.Processor} ({machine.Cores} cores), Linux {machine.Kernel}, {results.Topology}, medians of {results.Blocks} blocks A B B A. {results.Quietness} {string.Join(". ", versions)}.");
        return text.ToString();
    }
}
