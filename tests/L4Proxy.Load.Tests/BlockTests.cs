using L4Proxy.Load.Measuring;
using L4Proxy.Load.Reporting;

namespace L4Proxy.Load.Tests;

public sealed class BlockTests
{
    [Fact]
    public void A_machine_that_slows_down_steadily_does_not_move_the_ratio_of_a_block() =>
        // A costs half of B; every run is 10 % of the first dearer than the one before.
        Assert.Equal(0.5, new Block(Costing(1.0), Costing(2 * 1.1), Costing(2 * 1.2), Costing(1.3)).Ratio, 10);

    [Fact]
    public void One_spoiled_block_does_not_move_the_ratio_of_a_comparison()
    {
        Block good = new(Costing(1), Costing(2), Costing(2), Costing(1));
        Block spoiled = new(Costing(50), Costing(2), Costing(2), Costing(1));

        Assert.Equal(0.5, new Comparison("peer", [good, spoiled, good]).Ratio);
    }

    [Fact]
    public void The_best_peer_is_the_one_against_which_the_subject_looks_worst()
    {
        Comparison cheap = new("cheap", [new Block(Costing(1), Costing(1), Costing(1), Costing(1))]);
        Comparison dear = new("dear", [new Block(Costing(1), Costing(4), Costing(4), Costing(1))]);

        Assert.Equal("cheap", new WorkloadResult("", "", "", "", null, [], [dear, cheap]).AgainstBest!.Peer);
    }

    private static Sample Costing(double cost) => new(cost, 0, 0, 0, 1, 1, null);
}
