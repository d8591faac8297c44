using System.Globalization;
using System.Net;
using System.Text;

namespace L4Proxy.Load.Reporting;

/// <summary>Horizontal bars of one workload as inline SVG, the subject in colour.</summary>
internal static class BarChart
{
    private const double Row = 26;
    private const double LabelWidth = 130;
    private const double BarWidth = 270;
    private const double ValueWidth = 70;

    internal static string Write(WorkloadResult workload)
    {
        var bars = workload.Measured.Where(measured => !double.IsNaN(measured.Cost)).ToArray();
        var largest = Math.Max(1e-12, bars.SelectMany(bar => bar.Samples).Select(sample => sample.Cost).DefaultIfEmpty(1).Max());
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {LabelWidth + BarWidth + ValueWidth} {(bars.Length * Row) + 4}\" role=\"img\" font-size=\"13\" font-family=\"system-ui, sans-serif\">");
        for (var index = 0; index < bars.Length; index++)
        {
            Append(svg, bars[index], index, BarWidth / largest);
        }
        return svg.Append("</svg>").ToString();
    }

    private static void Append(StringBuilder svg, Measured bar, int index, double scale)
    {
        var top = (index * Row) + 4;
        var middle = top + 9;
        var lowest = LabelWidth + (Math.Max(0, bar.Samples.Min(sample => sample.Cost)) * scale);
        var highest = LabelWidth + (bar.Samples.Max(sample => sample.Cost) * scale);
        var colour = index == 0 ? "#0b7285" : "#adb9c4";
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{LabelWidth - 8}" y="{top + 14}" text-anchor="end" fill="#1c2733">{WebUtility.HtmlEncode(bar.Contender)}</text>
            <rect x="{LabelWidth}" y="{top}" width="{Math.Max(1, bar.Cost * scale):0.0}" height="18" rx="2" fill="{colour}"/>
            <line x1="{lowest:0.0}" x2="{highest:0.0}" y1="{middle}" y2="{middle}" stroke="#1c2733" stroke-width="1.5"/>
            <text x="{highest + 6:0.0}" y="{top + 14}" fill="#1c2733">{Format.Cost(bar.Cost)}</text>
            """);
    }
}
