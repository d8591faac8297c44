using System.Buffers;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using L4Proxy.Telemetry;

namespace L4Proxy.Microbench.Telemetry;

/// <summary>A scrape of 10 000 series with three labels each, far more than the proxy has: what an unlucky label set would cost.</summary>
public class ScrapeBenchmark : IDisposable
{
    private readonly Instruments _instruments = new();
    private readonly ArrayBufferWriter<byte> _page = new(4 * 1024 * 1024);
    private PrometheusWriter _writer = null!;

    [GlobalSetup]
    public void Check()
    {
        Measurement<long>[] series =
        [
            .. Enumerable.Range(0, 10_000).Select(i => new Measurement<long>(
                i, new("direction", "outbound"), new("reason", "completed"), new("number", i.ToString(System.Globalization.CultureInfo.InvariantCulture)))),
        ];
        _instruments.AddCounter("bench_total", null, "Many.", () => series);
        _writer = new PrometheusWriter(_instruments);
        Scrape();
        if (_page.WrittenSpan.IndexOf("number=\"0\"} 0\n"u8) < 0 || _page.WrittenSpan.IndexOf("number=\"9999\"} 9999\n"u8) < 0)
        {
            throw new InvalidOperationException("The page lacks a series: a timing of it would mean nothing.");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _writer.Dispose();
        _instruments.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "10 000 series")]
    public int Scrape()
    {
        _page.ResetWrittenCount();
        _writer.Write(_page, openMetrics: false);
        return _page.WrittenCount;
    }
}
