using FsCheck;
using FsCheck.Fluent;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class OutlierTests
{
    [Fact]
    public void Three_failures_in_a_row_eject_for_ten_seconds()
    {
        var cluster = Cluster(3);
        var bad = cluster.Endpoints[0];

        Assert.Equal([false, false, true], [bad.Failed(0), bad.Failed(5_000), bad.Failed(15_000)]);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.NotSame(bad, cluster.Choose(24_999)));
        Assert.Equal((1, 0), (bad.EjectedFor(24_999), bad.EjectedFor(25_000)));
        Assert.Contains(bad, Enumerable.Range(0, 100).Select(_ => cluster.Choose(25_000)));
    }

    [Fact]
    public void Failures_further_apart_than_the_interval_are_not_in_a_row()
    {
        var bad = Cluster(3).Endpoints[0];

        Assert.All(Enumerable.Range(0, 10), turn => Assert.False(bad.Failed(turn * 10_001)));
    }

    [Fact]
    public void A_success_ends_the_row()
    {
        var bad = Cluster(3).Endpoints[0];
        for (var turn = 0; turn < 10; turn++)
        {
            Assert.False(bad.Failed(turn) || bad.Failed(turn));
            bad.Succeeded();
        }
    }

    [Fact]
    public void Each_ejection_in_a_row_is_longer_up_to_the_longest_and_a_success_ends_that_too()
    {
        var bad = Cluster(3, OutlierDetection.Default with { ConsecutiveFailures = 1, MaxEjection = TimeSpan.FromSeconds(25) }).Endpoints[0];
        var now = 0L;
        foreach (var seconds in new[] { 10, 20, 25, 25 })
        {
            Assert.True(bad.Failed(now));
            Assert.Equal(seconds * 1_000, bad.EjectedFor(now));
            now += bad.EjectedFor(now);
        }
        bad.Succeeded();

        Assert.True(bad.Failed(now));
        Assert.Equal(10_000, bad.EjectedFor(now));
    }

    [Theory]
    [InlineData(1, 50, 0)]
    [InlineData(2, 50, 1)]
    [InlineData(3, 50, 1)]
    [InlineData(4, 50, 2)]
    [InlineData(5, 50, 2)]
    [InlineData(10, 100, 5)]
    [InlineData(10, 30, 3)]
    [InlineData(5, 10, 1)]
    [InlineData(1, 100, 0)]
    [InlineData(10, 0, 0)]
    public void At_most_a_share_is_ejected_and_never_more_than_half(int endpoints, int percent, int ejected)
    {
        var cluster = Cluster(endpoints, OutlierDetection.Default with { ConsecutiveFailures = 1, MaxEjectionPercent = percent });

        Assert.Equal(ejected, cluster.Endpoints.ToArray().Count(endpoint => endpoint.Failed(0)));
    }

    [Fact]
    public void Without_a_number_of_failures_nothing_is_ejected() =>
        Assert.DoesNotContain(true, Enumerable.Repeat(Cluster(4, OutlierDetection.Default with { ConsecutiveFailures = 0 }).Endpoints[0], 10).Select(endpoint => endpoint.Failed(0)));

    [Fact]
    public void When_all_the_others_were_tried_an_ejected_one_is_better_than_none()
    {
        var cluster = Cluster(2, OutlierDetection.Default with { ConsecutiveFailures = 1 });
        var (bad, good) = (cluster.Endpoints[0], cluster.Endpoints[1]);
        Assert.True(bad.Failed(0));

        Assert.Same(good, cluster.Choose(1));
        Assert.Same(bad, cluster.Choose(1, tried: [good]));
        Assert.Null(cluster.Choose(1, tried: [good, bad]));
    }

    [Fact]
    public void Ejected_endpoints_are_counted_until_they_are_back()
    {
        var registry = Registry(4, OutlierDetection.Default with { ConsecutiveFailures = 1 });
        var endpoints = registry.Route("10.96.0.10:80").Cluster!.Endpoints;

        Assert.True(endpoints[0].Failed(0));
        Assert.True(endpoints[1].Failed(5_000));
        Assert.Equal([2, 1, 0], [registry.EjectedEndpoints(5_000), registry.EjectedEndpoints(10_000), registry.EjectedEndpoints(15_000)]);
        Assert.True(endpoints[0].Failed(20_000));
        endpoints[0].Succeeded();
        Assert.Equal(0, registry.EjectedEndpoints(20_000));
    }

    [Fact]
    public void Whatever_happens_never_more_than_half_are_ejected()
    {
        // Each number is an event: which endpoint, whether it fails, how much later; and now and then the set itself changes.
        var events = Gen.Choose(0, 9_999).ListOf();
        Prop.ForAll(events.ToArbitrary(), numbers =>
        {
            var size = 6;
            var registry = Registry(size, OutlierDetection.Default with { ConsecutiveFailures = 2 });
            var now = 0L;
            foreach (var number in numbers)
            {
                if (number % 17 == 0)
                {
                    size = (number / 17 % 8) + 1;
                    registry = Registry(size, OutlierDetection.Default with { ConsecutiveFailures = 2 }, registry);
                }
                var endpoints = registry.Route("10.96.0.10:80").Cluster!.Endpoints;
                now += number % 7 * 300;
                var endpoint = endpoints[number % endpoints.Length];
                if (number % 11 == 0)
                {
                    endpoint.Succeeded();
                }
                else
                {
                    endpoint.Failed(now);
                }
                var at = now;
                if (endpoints.ToArray().Count(one => one.EjectedFor(at) > 0) > size / 2)
                {
                    return false;
                }
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithStartSize(20).WithEndSize(200));
    }

    [Fact]
    public void Counts_are_right_and_half_stays_in_use_when_threads_share_a_cluster()
    {
        var cluster = Cluster(8, OutlierDetection.Default with { ConsecutiveFailures = 2 });
        var worst = 0;

        Parallel.For(0, 8, worker =>
        {
            for (var turn = 0; turn < 5_000; turn++)
            {
                var endpoint = cluster.Choose(turn)!;
                endpoint.Began();
                if ((turn + worker) % 3 == 0)
                {
                    endpoint.Failed(turn);
                }
                else if (turn % 50 == 0)
                {
                    endpoint.Succeeded();
                }
                // At one time for all: an ejection that ends within the turn of one worker is not over for another.
                var ejected = cluster.Endpoints.ToArray().Count(one => one.EjectedFor(10_000) > 0);
                InterlockedMax(ref worst, ejected);
                endpoint.Ended();
            }
        });

        Assert.All(cluster.Endpoints.ToArray(), endpoint => Assert.Equal(0, endpoint.Active));
        Assert.InRange(worst, 1, 4);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var previous = Interlocked.CompareExchange(ref target, value, seen);
            if (previous == seen)
            {
                return;
            }
            seen = previous;
        }
    }

    private static Cluster Cluster(int endpoints, OutlierDetection? outliers = null) => Registry(endpoints, outliers).Route("10.96.0.10:80").Cluster!;

    private static Registry Registry(int endpoints, OutlierDetection? outliers = null, Registry? before = null)
    {
        var addresses = string.Join(' ', Enumerable.Range(1, endpoints).Select(number => $"10.0.0.{number}"));
        return Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10", addresses)], [Mesh.Rule("web.demo", new TrafficPolicy { OutlierDetection = outliers })], before: before);
    }
}
