using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using L4Proxy.Commands;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Identity;
using L4Proxy.Listening;
using L4Proxy.Redirect;
using L4Proxy.Telemetry;
using L4Proxy.Tests.Telemetry;
using L4Proxy.Tls;
using L4Proxy.Transport;
using L4Proxy.Transport.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.House;

/// <summary>The README says what the code says: its tables are compared cell by cell where the code knows the words.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void It_has_at_most_250_lines() => Assert.InRange(ReadmeTable.Lines.Count, 1, 250);

    [Fact]
    public void Commands_and_their_options_are_those_of_the_binary()
    {
        var documented = from row in ReadmeTable.StartingWith("command").Rows
                         from name in ReadmeTable.Quoted(row[0])
                         select (Name: name, Options: string.Join(' ', ReadmeTable.Quoted(row[1])));

        var commands = Leaves(CommandTree.Create(), "");

        Assert.Equal(commands.OrderBy(command => command.Name, StringComparer.Ordinal), documented.OrderBy(command => command.Name, StringComparer.Ordinal));
    }

    [Fact]
    public void Configuration_keys_their_defaults_and_what_a_change_applies_to_are_those_of_the_code()
    {
        var defaults = new ProxyOptions();
        var forward = new ForwardOptions(new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2));
        var expected = OptionKey.All.Select(key => (Key: key.Path, Default: $"`{key.Value(defaults)}`", Change: Words(key.Effect)))
            .Append((Key: "forward[].listen", Default: "required", Change: "restart"))
            .Concat(ForwardKey.All.Select(key =>
                (Key: $"forward[].{key.Name}", Default: key.Name == "upstream" ? "required" : $"`{key.Value(forward)}`", Change: "new connections")));

        Assert.Equal(
            expected.OrderBy(row => row.Key, StringComparer.Ordinal),
            ReadmeTable.StartingWith("key").Named().Select(key => (Key: key.Name, Default: key.Value, Change: key.Row[3])).OrderBy(row => row.Key, StringComparer.Ordinal));

        static string Words(ChangeEffect effect) => effect switch
        {
            ChangeEffect.NewConnections => "new connections",
            ChangeEffect.NextDrain => "next drain",
            _ => "restart",
        };
    }

    [Fact]
    public void Ports_are_those_the_proxy_binds_and_those_the_rules_leave_alone()
    {
        var options = new ProxyOptions
        {
            Capture = new() { Outbound = RedirectOptions.DefaultOutboundPort, Inbound = RedirectOptions.DefaultInboundPort },
        };
        var expected = OwnPort.Of(options).Select(port => port.EndPoint.Port).Concat(RedirectOptions.OwnPorts).Append(CaptureProbe.Port).Distinct().Order();

        Assert.Equal(expected, ReadmeTable.StartingWith("port").Rows
            .SelectMany(row => row[0].Split(", ")).Select(port => int.Parse(port, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task Metrics_and_their_labels_are_those_of_a_scrape()
    {
        var scraped = await ScrapeAsync();
        var documented = from row in ReadmeTable.StartingWith("metric").Rows
                         from name in ReadmeTable.Quoted(row[0])
                         select (Name: name, Labels: string.Join(' ', ReadmeTable.Quoted(row[1])));

        Assert.Equal(
            scraped.Select(metric => (metric.Name, metric.Labels)).OrderBy(metric => metric.Name, StringComparer.Ordinal),
            documented.OrderBy(metric => metric.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Type_and_unit_of_a_metric_are_in_its_name() => Assert.All(await ScrapeAsync(), metric =>
    {
        Assert.Equal(metric.Name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge", metric.Type);
        Assert.Equal(MetricUnit().Match(metric.Name) is { Success: true } unit ? unit.Groups["unit"].Value : "–", metric.Unit);
    });

    [Fact]
    public void Access_log_keys_are_those_of_a_line_in_their_order()
    {
        using var line = new AccessLogLine();
        using var json = JsonDocument.Parse(line.Format(ConnectionRecords.Full(), DateTime.UnixEpoch, "readme").ToArray());

        Assert.Equal(
            json.RootElement.EnumerateObject().Select(property => property.Name),
            ReadmeTable.StartingWith("access-log key").Rows.SelectMany(row => ReadmeTable.Quoted(row[0])),
            StringComparer.Ordinal);
    }

    [Fact]
    public void Every_close_reason_stands_there_once_with_its_side_and_alone_in_its_row_with_its_sentence()
    {
        var rows = ReadmeTable.StartingWith("close reason").Rows;
        var documented = from row in rows from reason in ReadmeTable.Quoted(row[0]) select (Reason: reason, Side: row[1]);

        Assert.Equal(
            CloseReasons.All.Select(reason => (Reason: reason.Label(), Side: Sides(reason))).OrderBy(row => row.Reason, StringComparer.Ordinal),
            documented.OrderBy(row => row.Reason, StringComparer.Ordinal));
        Assert.All(
            rows.Where(row => ReadmeTable.Quoted(row[0]).Count == 1),
            row => Assert.Equal(CloseReasons.All.Single(reason => row[0] == $"`{reason.Label()}`").Sentence(), row[2]));

        static string Sides(CloseReason reason) =>
            string.Join(" or ", new[] { reason.Side(upstreamEndedFirst: false), reason.Side(upstreamEndedFirst: true) }.Distinct().Select(side => side.Label()));
    }

    [Theory]
    [InlineData("phase", typeof(Phase))]
    [InlineData("protocol", typeof(Protocol))]
    public void Words_of_closed_sets_in_the_access_log_are_all_named(string key, Type words)
    {
        var row = ReadmeTable.StartingWith("access-log key").Rows.Single(row => ReadmeTable.Quoted(row[0]).Contains(key, StringComparer.Ordinal));

        Assert.Equal(
            Enum.GetValues(words).Cast<object>().Select(word => word switch { Phase phase => phase.Label(), Protocol protocol => protocol.Label(), _ => null }).OfType<string>(),
            ReadmeTable.Quoted(row[1]),
            StringComparer.Ordinal);
    }

    [Fact]
    public void The_map_names_every_folder_of_the_product_and_none_that_does_not_exist()
    {
        var folders = ReadmeTable.StartingWith("folder").Rows.SelectMany(row => ReadmeTable.Quoted(row[0])).ToList();

        Assert.All(folders, folder => Assert.True(Directory.Exists(Repository.Path(folder)), $"there is no folder {folder}"));
        Assert.Empty(Repository.Sources("src/L4Proxy").Select(Path.GetDirectoryName)
            .Where(folder => folder != "src/L4Proxy" && !folders.Exists(known => folder == known || folder!.StartsWith(known + "/", StringComparison.Ordinal)))
            .Distinct(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Name, string Options)> Leaves(Command command, string prefix) => command.Subcommands.SelectMany(child =>
        child.Subcommands.Count > 0
            ? Leaves(child, $"{prefix}{child.Name} ")
            : [($"{prefix}{child.Name}", string.Join(' ', child.Options.Select(option => option.Name)))]);

    /// <summary>What a scraper sees of a proxy with every part that has numbers.</summary>
    private static async Task<List<Metric>> ScrapeAsync()
    {
        using var loops = new EventLoops(new TransportSettings { Loops = 1 });
        using var metrics = new ProxyMetrics(() => 0);
        LoopMetrics.AddTo(metrics.Instruments, loops);
        // Files that are not there: their numbers are, with a proxy that waits for them.
        IdentitySources.Of(
            new ProxyOptions { Identity = new IdentityOptions { Source = IdentitySource.Files, Certificate = "/-", PrivateKey = "/-", TrustBundle = "/-" } },
            new Readiness(NullLogger.Instance), metrics.Instruments, NullLogger.Instance);
        using var handshakes = new HandshakeThreads(count: 1);
        HandshakeMetrics.AddTo(metrics.Instruments, new HandshakeGate(handshakes));
        await using var mesh = new MeshParts(
            new ProxyOptions { Mesh = new MeshOptions { Resources = "/-" } }, new LiveConnections(loops), () => throw new NotSupportedException("nothing flows here"),
            new Readiness(NullLogger.Instance), metrics.Instruments, NullLoggerFactory.Instance);
        using var accessLog = AccessLog.Open("/dev/null", NullLogger.Instance);
        accessLog.AddTo(metrics.Instruments);
        using var writer = new PrometheusWriter(metrics.Instruments);
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, openMetrics: true);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);

        var units = UnitLine().Matches(text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["unit"].Value, StringComparer.Ordinal);
        return
        [
            .. from match in TypeLine().Matches(text)
               let family = match.Groups["name"].Value
               let type = match.Groups["type"].Value
               let sample = type == "counter" ? $"{family}_total" : family
               let labels = text.Split('\n').First(line => line.StartsWith(sample, StringComparison.Ordinal) && line[sample.Length] is '{' or ' ')
               select new Metric(sample, type, units.GetValueOrDefault(family, "–"), string.Join(' ', LabelName().Matches(labels).Select(label => label.Groups["name"].Value))),
        ];
    }

    private sealed record Metric(string Name, string Type, string Unit, string Labels);

    [GeneratedRegex("_(?<unit>bytes|seconds)(_total)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex MetricUnit();

    [GeneratedRegex(@"^# TYPE (?<name>\S+) (?<type>\S+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^# UNIT (?<name>\S+) (?<unit>\S+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex UnitLine();

    [GeneratedRegex("(?<name>[a-z_]+)=\"", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex LabelName();
}
