using L4Proxy.Load.Measuring;
using L4Proxy.Load.Reporting;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Tests;

public sealed class GoalTests
{
    [Theory]
    [InlineData("mtls-bulk-1", "<= 0.85")]
    [InlineData("mtls-bulk-16", "<= 0.85")]
    [InlineData("mtls-download-4", "<= 0.85")]
    [InlineData("mtls-rr-128", "<= 1.00")]
    [InlineData("mtls-rr-16k", "<= 1.00")]
    [InlineData("mtls-connect-16", "<= 0.90 of haproxy")]
    [InlineData("mtls-idle", "<= 2.00")]
    [InlineData("mtls-storm", "<= 0.50 of haproxy")]
    public void Every_workload_of_pairs_has_the_goal_of_the_design(string workload, string shown) =>
        Assert.Equal(shown, $"<= {Format.Goal(WorkloadCatalog.Choose([workload])[0].Goal!)}");

    [Fact]
    public void A_goal_against_HAProxy_is_told_against_its_best_variant_even_when_nginx_is_cheaper()
    {
        var result = Result(new Goal(0.9, "haproxy"), ("haproxy-mtls", 4), ("haproxy-mtls-64k", 2), ("nginx-mtls", 1));

        Assert.Equal("haproxy-mtls-64k", result.AgainstBest!.Peer);
        Assert.True(result.Reached);
    }

    [Fact]
    public void A_goal_against_all_is_missed_when_one_peer_is_cheaper() =>
        Assert.False(Result(new Goal(0.9), ("haproxy-mtls", 2), ("nginx-mtls", 1)).Reached);

    [Fact]
    public void A_goal_is_neither_reached_nor_missed_without_the_peer_it_is_set_against() =>
        Assert.Null(Result(new Goal(0.9, "haproxy"), ("nginx-mtls", 5)).Reached);

    // The subject costs 1.
    private static WorkloadResult Result(Goal goal, params (string Peer, double Cost)[] peers) =>
        new("", "", "", "", goal, [], [.. peers.Select(peer => new Comparison(peer.Peer, [new Block(Costing(1), Costing(peer.Cost), Costing(peer.Cost), Costing(1))]))]);

    private static Sample Costing(double cost) => new(cost, 0, 0, 0, 1, 1, null);
}
