using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void The_median_of_an_even_number_of_values_lies_between_the_middle_two() => Assert.Equal(2.5, Statistics.Median([4, 1, 3, 2]));

    [Fact]
    public void The_slope_ignores_what_all_points_have_in_common() =>
        Assert.Equal(1879, Statistics.Slope([(1000, 16e6 + 1_879_000), (2000, 16e6 + 3_758_000), (4000, 16e6 + 7_516_000)]), 6);
}
