using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class ConnectionQuotaTests
{
    private readonly ConnectionQuota _quota = new();

    [Fact]
    public void No_limit_admits_everybody_and_still_counts()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_quota.TryEnter(limit: 0));
        }
        Assert.Equal(100, _quota.Active);
    }

    [Fact]
    public void Beyond_the_limit_nobody_is_admitted_until_somebody_leaves()
    {
        Assert.True(_quota.TryEnter(limit: 1));
        Assert.False(_quota.TryEnter(limit: 1));

        _quota.Leave(limit: 1);

        Assert.True(_quota.TryEnter(limit: 1));
    }

    [Fact]
    public void Who_waits_is_served_in_the_order_of_arrival_and_before_whoever_comes_later()
    {
        var granted = new List<string>();
        _quota.TryEnter(limit: 1);
        Wait("first", granted);
        Wait("second", granted);

        _quota.Leave(limit: 1);

        Assert.Equal(["first"], granted);
        Assert.False(_quota.TryEnter(limit: 2), "somebody waits and comes first");
        _quota.Leave(limit: 1);
        Assert.Equal(["first", "second"], granted);
        Assert.Equal((1, 0), (_quota.Active, _quota.Waiting));
    }

    [Fact]
    public void The_queue_is_bounded_and_without_one_refusal_is_at_once()
    {
        _quota.TryEnter(limit: 1);

        Assert.False(_quota.TryEnter(1, queue: 1, () => { }, out var place));
        Assert.NotNull(place);
        Assert.False(_quota.TryEnter(1, queue: 1, () => { }, out var second));
        Assert.Null(second);
        Assert.False(_quota.TryEnter(1, queue: 0, () => { }, out var none));
        Assert.Null(none);
    }

    [Fact]
    public void Who_gives_up_is_passed_over()
    {
        var granted = new List<string>();
        _quota.TryEnter(limit: 1);
        var first = Wait("first", granted);
        Wait("second", granted);

        Assert.True(_quota.GiveUp(first));
        _quota.Leave(limit: 1);

        Assert.Equal(["second"], granted);
    }

    [Fact]
    public void Giving_up_too_late_says_that_the_place_is_held()
    {
        _quota.TryEnter(limit: 1);
        var place = Wait("first", []);
        _quota.Leave(limit: 1);

        Assert.False(_quota.GiveUp(place));
        Assert.Equal(1, _quota.Active);
    }

    [Fact]
    public void A_limit_that_was_lowered_moves_nobody_up_before_it_is_kept()
    {
        var granted = new List<string>();
        _quota.TryEnter(limit: 2);
        _quota.TryEnter(limit: 2);
        Wait("first", granted, limit: 2);

        _quota.Leave(limit: 1);
        Assert.Empty(granted);
        _quota.Leave(limit: 1);
        Assert.Equal(["first"], granted);
    }

    [Fact]
    public void A_limit_that_was_raised_moves_up_as_many_as_there_is_room_for()
    {
        var granted = new List<string>();
        _quota.TryEnter(limit: 1);
        Wait("first", granted);
        Wait("second", granted);

        _quota.Leave(limit: 0);

        Assert.Equal(["first", "second"], granted);
    }

    [Fact]
    public void From_many_threads_the_limit_is_never_exceeded_and_nobody_is_forgotten()
    {
        const int Limit = 7;
        var (inside, most, served) = (0, 0, 0);
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            using var turn = new ManualResetEventSlim();
            if (!_quota.TryEnter(Limit, queue: 64, turn.Set, out var place))
            {
                if (place is null)
                {
                    return;
                }
                turn.Wait();
            }
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Interlocked.Increment(ref served);
            Interlocked.Decrement(ref inside);
            _quota.Leave(Limit);
        });

        Assert.InRange(most, 1, Limit);
        Assert.True(served > 0);
        Assert.Equal((0, 0), (_quota.Active, _quota.Waiting));
    }

    [Fact]
    public void A_key_has_a_quota_while_somebody_has_borrowed_it()
    {
        var table = new QuotaTable<string>();
        var quota = table.Borrow("a");
        Assert.Same(quota, table.Borrow("a"));
        Assert.NotSame(quota, table.Borrow("b"));
        table.Return("b");
        table.Return("a");
        Assert.Same(quota, table.Borrow("a"));
        table.Return("a");
        table.Return("a");
        Assert.Equal(0, table.Count);
    }

    private QuotaPlace Wait(string name, List<string> granted, int limit = 1)
    {
        Assert.False(_quota.TryEnter(limit, queue: 10, () => granted.Add(name), out var place));
        return place!;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
