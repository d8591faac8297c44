using System.Globalization;
using System.Runtime.InteropServices;

namespace L4Proxy.Redirect;

/// <summary>Ports <paramref name="First"/> to <paramref name="Last"/>, both included; 1–65535.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>Slots the range takes in one iptables <c>multiport</c> match: a range costs two (iptables-extensions(8)).</summary>
    public int MultiportSlots => First == Last ? 1 : 2;

    public string Text(char separator) => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}{separator}{Last}");
}

/// <summary>A set of ports in one canonical form: sorted, disjoint, neighbours merged. <see cref="All"/> is every port.</summary>
internal sealed record PortSet
{
    public static readonly PortSet All = new([]) { IsAll = true };
    public static readonly PortSet None = new([]);

    private PortSet(IReadOnlyList<PortRange> ranges) => Ranges = ranges;

    public IReadOnlyList<PortRange> Ranges { get; }

    public bool IsAll { get; private init; }

    public bool IsNone => !IsAll && Ranges.Count == 0;

    public bool Contains(int port) => IsAll || Ranges.Any(range => range.First <= port && port <= range.Last);

    public static PortSet Of(IEnumerable<PortRange> ranges)
    {
        var merged = new List<PortRange>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return new PortSet(merged);
    }

    public PortSet With(params IEnumerable<int> ports) =>
        IsAll ? All : Of(Ranges.Concat(ports.Select(port => new PortRange((ushort)port, (ushort)port))));
}
