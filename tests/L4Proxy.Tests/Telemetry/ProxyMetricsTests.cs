using System.Globalization;
using L4Proxy.Core.Connections;
using L4Proxy.Telemetry;
using L4Proxy.Transport;

namespace L4Proxy.Tests.Telemetry;

public sealed class ProxyMetricsTests : IDisposable
{
    private readonly ProxyMetrics _metrics;
    private readonly PrometheusWriter _writer;
    private long _live;

    public ProxyMetricsTests()
    {
        _metrics = new ProxyMetrics(() => _live);
        _writer = new PrometheusWriter(_metrics.Instruments);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Every_series_of_a_closed_set_is_there_from_the_start_with_0()
    {
        var series = Series();
        foreach (var direction in Enum.GetValues<Direction>().Select(direction => direction.Label()))
        {
            Assert.All(CloseReasons.All, reason =>
                Assert.Equal("0", series[$"l4proxy_connections_closed_total{{direction=\"{direction}\",reason=\"{reason.Label()}\"}}"]));
            Assert.All(["l4proxy_connections_opened_total", "l4proxy_connections_active",
                "l4proxy_connections_half_closed", "l4proxy_spliced_bytes_total"],
                name => Assert.Equal("0", series[$"{name}{{direction=\"{direction}\"}}"]));
            Assert.All(["to_upstream", "to_downstream"], flow =>
                Assert.Equal("0", series[$"l4proxy_bytes_total{{direction=\"{direction}\",flow=\"{flow}\"}}"]));
        }
        Assert.Equal("0", series["l4proxy_accounting_mismatch"]);
        Assert.Equal("0", series["l4proxy_config_reloads_total{result=\"applied\"}"]);
        Assert.Equal("0", series["l4proxy_config_reloads_total{result=\"rejected\"}"]);
        Assert.Equal("1", series["l4proxy_config_last_reload_success"]);
        Assert.Equal("1", series[$"l4proxy_build_info{{version=\"0.1.0\",runtime=\"{Environment.Version}\"}}"]);
    }

    [Fact]
    public void Counters_have_a_place_for_every_reason() =>
        Assert.Equal(ConnectionCounters.ByReason.Capacity, CloseReasons.All.Count);

    [Fact]
    public void Numbers_are_sums_over_the_loops_while_connections_are_open()
    {
        var first = _metrics.AddCounters(Direction.Outbound);
        var second = _metrics.AddCounters(Direction.Outbound);
        var inbound = _metrics.AddCounters(Direction.Inbound);
        first.Open();
        second.Open();
        second.Open();
        inbound.Open();
        first.Transfers.Add(Flow.ToUpstream, 10, spliced: false);
        second.Transfers.Add(Flow.ToUpstream, 5, spliced: false);
        for (var i = 0; i < 1000; i++)
        {
            second.Transfers.Add(Flow.ToDownstream, 1_000_000_000, spliced: i == 0);
        }
        first.Transfers.HalfCloseBegan();
        second.Transfers.HalfCloseBegan();
        second.Transfers.HalfCloseEnded();
        second.Close(CloseReason.DialRefused);
        _live = 3;

        var series = Series();

        Assert.Equal("3", series["l4proxy_connections_opened_total{direction=\"outbound\"}"]);
        Assert.Equal("1", series["l4proxy_connections_closed_total{direction=\"outbound\",reason=\"dialRefused\"}"]);
        Assert.Equal("2", series["l4proxy_connections_active{direction=\"outbound\"}"]);
        Assert.Equal("1", series["l4proxy_connections_active{direction=\"inbound\"}"]);
        Assert.Equal("1", series["l4proxy_connections_half_closed{direction=\"outbound\"}"]);
        Assert.Equal("15", series["l4proxy_bytes_total{direction=\"outbound\",flow=\"to_upstream\"}"]);
        Assert.Equal("1000000000000", series["l4proxy_bytes_total{direction=\"outbound\",flow=\"to_downstream\"}"]);
        Assert.Equal("1000000000", series["l4proxy_spliced_bytes_total{direction=\"outbound\"}"]);
        Assert.Equal("0", series["l4proxy_accounting_mismatch"]);
    }

    [Fact]
    public void A_record_without_its_connection_shows_as_a_mismatch()
    {
        _metrics.AddCounters(Direction.Forward).Open();
        _live = 3;

        Assert.Equal("2", Series()["l4proxy_accounting_mismatch"]);
    }

    [Fact]
    public void A_rejected_reload_shows_until_one_is_applied()
    {
        _metrics.ReloadRejected();
        Assert.Equal("0", Series()["l4proxy_config_last_reload_success"]);

        _metrics.ReloadApplied();
        var series = Series();
        Assert.Equal("1", series["l4proxy_config_last_reload_success"]);
        Assert.Equal("1", series["l4proxy_config_reloads_total{result=\"rejected\"}"]);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var counters = _metrics.AddCounters(Direction.Inbound);
        Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count()
        {
            counters.Open();
            counters.Transfers.Add(Flow.ToUpstream, 1, spliced: false);
            counters.Transfers.Add(Flow.ToDownstream, 1, spliced: true);
            counters.Transfers.HalfCloseBegan();
            counters.Transfers.HalfCloseEnded();
            counters.Close(CloseReason.Completed);
        }
    }

    [Fact]
    public void The_process_is_described_as_prometheus_clients_do()
    {
        using var descriptor = File.OpenRead("/dev/null");
        var series = Series();

        Assert.InRange(Number("process_open_fds"), 4, Number("process_max_fds"));
        Assert.InRange(Number("process_resident_memory_bytes"), 1_000_000, 1e12);
        Assert.InRange(Number("process_cpu_seconds_total"), 0.001, 1e6);
        Assert.InRange(Number("process_start_time_seconds"), 1.7e9, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);

        double Number(string name) => double.Parse(series[name], CultureInfo.InvariantCulture);
    }

    private Dictionary<string, string> Series() =>
        PrometheusWriterTests.Scrape(_writer, openMetrics: false).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => line[(line.LastIndexOf(' ') + 1)..], StringComparer.Ordinal);
}
