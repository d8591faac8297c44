using System.Globalization;
using System.Net;
using System.Text;

namespace L4Proxy.Load.Reporting;

/// <summary>One page without any outside reference: a chart per workload, the tables, and what is needed to judge them.</summary>
internal static class HtmlReport
{
    private const string Style = """
        body { font: 15px/1.45 system-ui, sans-serif; color: #1c2733; background: #fff; margin: 2rem auto; max-width: 66rem; padding: 0 1rem }
        h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2.2rem } .quiet { color: #5a6b7b }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(29rem, 1fr)); gap: 1rem 2rem }
        figure { margin: 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto; display: block }
        .scroll { overflow-x: auto } table { border-collapse: collapse; font-size: .85rem; white-space: nowrap } td, th { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #dde4ea }
        td:nth-child(n+3), th:nth-child(n+3) { text-align: right; font-variant-numeric: tabular-nums } pre { background: #f4f7f9; padding: .7rem; overflow-x: auto; font-size: .8rem }
        """;

    internal static string Write(Results results)
    {
        var page = new StringBuilder();
        page.AppendLine("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>TCP proxies: CPU per unit of work</title>");
        page.AppendLine($"<style>{Style}</style></head><body><h1>TCP proxies: CPU per unit of work</h1>");
        page.AppendLine($"<p class=\"quiet\">{Text(Summary(results))}<br>{Text(results.Quietness)}</p>");
        page.AppendLine("<p>Shorter bars are better. A bar is the median of all runs, the thin line reaches from the lowest to the highest run. The ratio is the subject's cost over the best peer's, the median over paired blocks.</p>");
        page.AppendLine("<div class=\"charts\">");
        foreach (var workload in results.Workloads)
        {
            page.AppendLine($"<figure><figcaption>{Text(workload.Title)}</figcaption><div class=\"quiet\">{Text(Caption(workload))}</div>{BarChart.Write(workload)}</figure>");
        }
        page.AppendLine("</div><h2>Cost</h2>").Append(Table(Grid.Costs(results)));
        page.AppendLine($"<h2>Ratios</h2><p class=\"quiet\">{Text(results.Contenders[0].Name)} over each peer: median of the paired blocks, lowest and highest block in brackets.</p>").Append(Table(Grid.Ratios(results)));
        page.AppendLine("<h2>Speed and latency</h2><p class=\"quiet\">These include what generator and server cost on their core; 'direct' is the ceiling without any proxy.</p>").Append(Table(Grid.Speeds(results)));
        page.AppendLine("<h2>Contenders</h2>");
        foreach (var contender in results.Contenders)
        {
            page.AppendLine($"<p><b>{Text(contender.Name)}</b> {Text(contender.Version)}<br>{Text(contender.Settings)}{(contender.Negotiated.Length > 0 ? "<br>Seen between the halves: " + Text(contender.Negotiated) : "")}</p>");
            if (contender.Configuration.Length > 0)
            {
                page.AppendLine($"<details><summary>configuration</summary><pre>{Text(contender.Configuration.Trim())}</pre></details>");
            }
        }
        return page.AppendLine("</body></html>").ToString();
    }

    private static string Summary(Results results)
    {
        var machine = results.Surroundings;
        return string.Create(CultureInfo.InvariantCulture,
            $"{results.Started:yyyy-MM-dd HH:mm zzz} · {machine.Processor}, {machine.Cores} cores · Linux {machine.Kernel}, {machine.System} · {results.Topology} · {machine.Pinning} · {results.Blocks} blocks A B B A per peer, work × {results.Scale:0.##} · harness on {machine.Runtime}");
    }

    private static string Caption(WorkloadResult workload)
    {
        var ratio = workload.AgainstBest is { } best ? $" · ratio to best peer ({best.Peer}) {Format.Ratio(best.Ratio)}" : "";
        return workload.Unit + ratio + (workload.Goal is { } goal ? $", goal ≤ {Format.Goal(goal)}" : "");
    }

    private static string Table(IReadOnlyList<string[]> rows)
    {
        var lines = rows.Select((row, index) => $"<tr>{string.Concat(row.Select(cell => index == 0 ? $"<th>{Text(cell)}</th>" : $"<td>{Text(cell)}</td>"))}</tr>");
        return $"<div class=\"scroll\"><table>{string.Join('\n', lines)}</table></div>\n";
    }

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
