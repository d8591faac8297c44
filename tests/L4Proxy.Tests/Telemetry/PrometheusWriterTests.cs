using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using L4Proxy.Telemetry;

namespace L4Proxy.Tests.Telemetry;

public sealed class PrometheusWriterTests : IDisposable
{
    private readonly Instruments _instruments = new();
    private readonly PrometheusWriter _writer;

    public PrometheusWriterTests()
    {
        _writer = new PrometheusWriter(_instruments);
        _instruments.AddUpDownCounter("l4proxy_pipes", null, "Pipes in use.", () => -2L);
        _instruments.AddCounter("l4proxy_bytes_total", "By", "Bytes \"moved\" \\ counted\nhere.", () => (IEnumerable<Measurement<long>>)
        [
            new(9_876_543_210, new("direction", "inbound"), new("flow", "to_upstream")),
            new(0, new("direction", "in\"b\\o\nünd"), new("flow", "to_downstream")),
        ]);
        _instruments.AddGauge("l4proxy_longest_stall_seconds", "s", "Longest stall.", () => 0.0125);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public void Text_is_exactly_format_0_0_4() => Assert.Equal("""
        # HELP l4proxy_bytes_total Bytes "moved" \\ counted\nhere.
        # TYPE l4proxy_bytes_total counter
        l4proxy_bytes_total{direction="inbound",flow="to_upstream"} 9876543210
        l4proxy_bytes_total{direction="in\"b\\o\nünd",flow="to_downstream"} 0
        # HELP l4proxy_longest_stall_seconds Longest stall.
        # TYPE l4proxy_longest_stall_seconds gauge
        l4proxy_longest_stall_seconds 0.0125
        # HELP l4proxy_pipes Pipes in use.
        # TYPE l4proxy_pipes gauge
        l4proxy_pipes -2
        # HELP l4proxy_scrape_errors_total Metrics that could not be read for a scrape.
        # TYPE l4proxy_scrape_errors_total counter
        l4proxy_scrape_errors_total 0

        """, Scrape(_writer, openMetrics: false));

    [Fact]
    public void Open_metrics_is_exactly_format_1_0() => Assert.Equal("""
        # TYPE l4proxy_bytes counter
        # UNIT l4proxy_bytes bytes
        # HELP l4proxy_bytes Bytes \"moved\" \\ counted\nhere.
        l4proxy_bytes_total{direction="inbound",flow="to_upstream"} 9876543210
        l4proxy_bytes_total{direction="in\"b\\o\nünd",flow="to_downstream"} 0
        # TYPE l4proxy_longest_stall_seconds gauge
        # UNIT l4proxy_longest_stall_seconds seconds
        # HELP l4proxy_longest_stall_seconds Longest stall.
        l4proxy_longest_stall_seconds 0.0125
        # TYPE l4proxy_pipes gauge
        # HELP l4proxy_pipes Pipes in use.
        l4proxy_pipes -2
        # TYPE l4proxy_scrape_errors counter
        # HELP l4proxy_scrape_errors Metrics that could not be read for a scrape.
        l4proxy_scrape_errors_total 0
        # EOF

        """, Scrape(_writer, openMetrics: true));

    [Fact]
    public void What_is_not_a_number_is_spelled_as_prometheus_does()
    {
        _instruments.AddGauge("l4proxy_odd", null, "Odd.", () => (IEnumerable<Measurement<double>>)
        [
            new(double.NaN, new KeyValuePair<string, object?>("n", 1)),
            new(double.PositiveInfinity, new KeyValuePair<string, object?>("n", 2)),
            new(double.NegativeInfinity, new KeyValuePair<string, object?>("n", true)),
        ]);

        Assert.Contains("l4proxy_odd{n=\"1\"} NaN\nl4proxy_odd{n=\"2\"} +Inf\nl4proxy_odd{n=\"True\"} -Inf\n",
            Scrape(_writer, openMetrics: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_callback_that_throws_loses_its_own_metric_only_and_is_counted()
    {
        _instruments.AddGauge("l4proxy_broken", null, "Broken.", long () => throw new InvalidOperationException("broken"));

        Scrape(_writer, openMetrics: true);
        var second = Scrape(_writer, openMetrics: true);

        Assert.Contains("l4proxy_scrape_errors_total 1\n", second, StringComparison.Ordinal);
        Assert.Contains("l4proxy_pipes -2\n", second, StringComparison.Ordinal);
        Assert.DoesNotContain("l4proxy_broken", second, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_meters_are_listed_only_when_asked_for()
    {
        using var instruments = new Instruments();
        using var writer = new PrometheusWriter(instruments, "System.Runtime");

        Assert.Contains("\ndotnet_gc_collections_total{gc_heap_generation=\"gen0\"} ",
            Scrape(writer, openMetrics: false), StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet_", Scrape(_writer, openMetrics: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_scrapes_are_each_whole()
    {
        _instruments.AddCounter("l4proxy_many_total", null, "Many.", () =>
            Enumerable.Range(0, 2_000).Select(i => new Measurement<long>(i, new KeyValuePair<string, object?>("n", i))));
        var expected = Scrape(_writer, openMetrics: true);

        var scrapes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Scrape(_writer, openMetrics: true))));

        Assert.All(scrapes, scrape => Assert.Equal(expected, scrape));
    }

    [Fact]
    public void A_name_cannot_be_taken_twice() => Assert.Equal("the metric l4proxy_pipes is registered twice",
        Assert.Throws<InvalidOperationException>(() => _instruments.AddGauge("l4proxy_pipes", null, "Again.", () => 1L)).Message);

    internal static string Scrape(PrometheusWriter writer, bool openMetrics)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, openMetrics);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
