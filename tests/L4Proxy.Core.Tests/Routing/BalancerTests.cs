using System.Globalization;
using System.Net;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class BalancerTests
{
    public static TheoryData<LoadBalancer> Algorithms => [LoadBalancer.LeastConnection, LoadBalancer.RoundRobin, LoadBalancer.Random, LoadBalancer.SourceHash];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Without_endpoints_there_is_nothing_to_choose(LoadBalancer algorithm) => Assert.Null(Cluster(algorithm, "").Choose());

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_was_tried_is_not_chosen_again(LoadBalancer algorithm)
    {
        var cluster = Cluster(algorithm, "10.0.0.1 10.0.0.2 10.0.0.3");
        for (var round = 0; round < 100; round++)
        {
            var tried = new List<UpstreamEndpoint>();
            while (cluster.Choose(0, "10.9.9." + round.ToString(CultureInfo.InvariantCulture), [.. tried]) is { } next)
            {
                Assert.DoesNotContain(next, tried);
                tried.Add(next);
            }
            Assert.Equal(3, tried.Count);
        }
    }

    [Theory]
    [InlineData(LoadBalancer.Random, 1, 1, 1)]
    [InlineData(LoadBalancer.Random, 1, 2, 5)]
    [InlineData(LoadBalancer.LeastConnection, 1, 1, 1)]
    [InlineData(LoadBalancer.LeastConnection, 1, 2, 5)]
    [InlineData(LoadBalancer.SourceHash, 1, 1, 1)]
    [InlineData(LoadBalancer.SourceHash, 1, 2, 5)]
    [InlineData(LoadBalancer.RoundRobin, 1, 1, 1)]
    [InlineData(LoadBalancer.RoundRobin, 1, 2, 5)]
    public void Endpoints_get_connections_by_weight(LoadBalancer algorithm, int one, int two, int three)
    {
        int[] weights = [one, two, three];
        var cluster = Cluster(algorithm, weights);
        var counts = new int[3];

        for (var turn = 0; turn < 20_000; turn++)
        {
            counts[Index(cluster.Choose(0, $"10.{turn >> 16}.{(turn >> 8) & 255}.{turn & 255}")!)]++;
        }

        // Four standard deviations of chance; turns need less.
        Assert.All([0, 1, 2], index => Assert.InRange(counts[index], (20_000.0 * weights[index] / weights.Sum()) - 285, (20_000.0 * weights[index] / weights.Sum()) + 285));
    }

    [Fact]
    public void Round_robin_takes_equals_one_after_the_other()
    {
        var cluster = Cluster(LoadBalancer.RoundRobin, "10.0.0.1 10.0.0.2 10.0.0.3");

        Assert.Equal([0, 1, 2, 0, 1, 2, 0], Enumerable.Range(0, 7).Select(_ => Index(cluster.Choose()!)));
    }

    [Fact]
    public void Weighted_round_robin_spreads_the_turns_of_the_heavy_one()
    {
        var cluster = Cluster(LoadBalancer.RoundRobin, 1, 1, 6);
        var turns = Enumerable.Range(0, 800).Select(_ => Index(cluster.Choose()!)).ToList();

        Assert.InRange(turns.Count(index => index == 2), 596, 604);
        Assert.InRange(LongestRun(turns, 2), 3, 5);
        Assert.InRange(LongestRun(turns, 0), 1, 1);
    }

    [Fact]
    public void The_less_loaded_of_two_gets_the_connection()
    {
        var cluster = Cluster(LoadBalancer.LeastConnection, "10.0.0.1 10.0.0.2");
        cluster.Endpoints[0].Began();

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(1, Index(cluster.Choose()!)));
        cluster.Endpoints[0].Ended();
        Assert.Equal([0, 1], Enumerable.Range(0, 50).Select(_ => Index(cluster.Choose()!)).Distinct().Order());
    }

    [Fact]
    public void Load_is_measured_by_weight()
    {
        var cluster = Cluster(LoadBalancer.LeastConnection, 1, 3);
        for (var leg = 0; leg < 400; leg++)
        {
            cluster.Choose()!.Began();
        }

        Assert.Equal([100, 300], cluster.Endpoints.ToArray().Select(endpoint => endpoint.Active));
    }

    [Fact]
    public void A_source_stays_with_its_endpoint_and_a_removed_endpoint_moves_only_its_own()
    {
        var full = Cluster(LoadBalancer.SourceHash, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5");
        var less = Cluster(LoadBalancer.SourceHash, "10.0.0.5 10.0.0.3 10.0.0.2 10.0.0.1");
        var moved = 0;
        for (var source = 0; source < 2_000; source++)
        {
            var text = $"10.9.{source >> 8}.{source & 255}";
            var before = full.Choose(0, text)!.Address;
            Assert.Equal(before, full.Choose(0, text)!.Address);
            if (before.Address.Equals(IPAddress.Parse("10.0.0.4")))
            {
                moved++;
                continue;
            }
            Assert.Equal(before, less.Choose(0, text)!.Address);
        }
        Assert.InRange(moved, 320, 480);
    }

    [Fact]
    public void A_source_is_the_same_in_both_spellings()
    {
        var cluster = Cluster(LoadBalancer.SourceHash, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5");

        Assert.All(Enumerable.Range(0, 50), source => Assert.Same(cluster.Choose(0, $"10.9.9.{source}"), cluster.Choose(0, $"::ffff:10.9.9.{source}")));
    }

    [Fact]
    public void An_ejected_endpoint_moves_only_its_own_sources_and_gets_them_back()
    {
        var cluster = Cluster(LoadBalancer.SourceHash, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4");
        var before = Enumerable.Range(0, 200).Select(source => cluster.Choose(0, $"10.9.9.{source}")).ToList();
        var ejected = cluster.Endpoints[2];
        Assert.True(ejected.Failed(0) | ejected.Failed(0) | ejected.Failed(0));

        Assert.All(Enumerable.Range(0, 200), source => Assert.True(
            before[source] == ejected ? cluster.Choose(1, $"10.9.9.{source}") != ejected : cluster.Choose(1, $"10.9.9.{source}") == before[source]));
        Assert.Equal(before, Enumerable.Range(0, 200).Select(source => cluster.Choose(10_000, $"10.9.9.{source}")));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void To_choose_allocates_nothing(LoadBalancer algorithm)
    {
        var cluster = Cluster(algorithm, 1, 2, 3);
        var source = IPAddress.Parse("10.9.9.9");
        UpstreamEndpoint[] tried = [cluster.Endpoints[0]];
        var chosen = cluster.Choose(source, tried, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var turn = 0; turn < 1_000; turn++)
        {
            chosen = cluster.Choose(source, [], 0);
            chosen = cluster.Choose(source, tried, 0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotNull(chosen);
    }

    private static Cluster Cluster(LoadBalancer algorithm, string endpoints) =>
        Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10", endpoints)], [Mesh.Rule("web.demo", algorithm)]).Route("10.96.0.10:80").Cluster!;

    private static Cluster Cluster(LoadBalancer algorithm, params int[] weights)
    {
        var endpoints = weights.Select((weight, index) => Mesh.Endpoint($"10.0.0.{index + 1}") with { Weight = weight });
        var service = Mesh.Service("web.demo", "10.96.0.10") with { Endpoints = [.. endpoints] };
        return Mesh.Registry([service], [Mesh.Rule("web.demo", algorithm)]).Route("10.96.0.10:80").Cluster!;
    }

    private static int Index(UpstreamEndpoint endpoint) => endpoint.Address.Address.GetAddressBytes()[3] - 1;

    private static int LongestRun(List<int> turns, int index)
    {
        var (longest, run) = (0, 0);
        foreach (var turn in turns)
        {
            run = turn == index ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
