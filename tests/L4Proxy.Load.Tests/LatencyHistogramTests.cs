using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Tests;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    [InlineData(1)]
    public void A_percentile_is_never_below_the_exact_one_and_at_most_two_percent_above(double fraction)
    {
        var histogram = new LatencyHistogram();
        var random = new Random(7);
        var values = Enumerable.Range(0, 50_000).Select(_ => (long)Math.Exp(random.NextDouble() * 25)).ToArray();
        Array.ForEach(values, histogram.Record);
        Array.Sort(values);

        var exact = values[(int)Math.Ceiling(fraction * values.Length) - 1];

        Assert.InRange(histogram.Percentile(fraction), exact, (long)Math.Ceiling(exact * 1.02));
    }

    [Fact]
    public void One_slow_answer_in_a_thousand_shows_at_p999_only_when_it_is_beyond_the_rank()
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 998; i++)
        {
            histogram.Record(100);
        }
        histogram.Record(1_000_000);
        histogram.Record(1_000_000);

        Assert.Equal(100, histogram.Percentile(0.99));
        Assert.InRange(histogram.Percentile(0.999), 1_000_000, 1_020_000);
    }

    [Fact]
    public void The_largest_and_the_smallest_possible_values_have_a_bucket()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(long.MaxValue);
        histogram.Record(-1);

        Assert.Equal(0, histogram.Percentile(0.5));
        Assert.Equal(long.MaxValue, histogram.Percentile(1));
    }

    [Fact]
    public void An_empty_histogram_answers_zero() => Assert.Equal(0, new LatencyHistogram().Percentile(0.99));
}
