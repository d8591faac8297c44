namespace L4Proxy.Transport.Tests.Parts;

public sealed class TimerWheelTests
{
    private const int Slot = 64;
    private const int Round = 256 * Slot;

    private readonly TimerWheel _wheel = new(0);
    private long _now;

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(Round - 1)]
    [InlineData(Round)]
    [InlineData(Round + 1)]
    [InlineData((5 * Round) + 777)]
    public void A_timer_fires_neither_early_nor_more_than_a_slot_late(int delay)
    {
        for (var start = 1000L; start < 1000 + (2 * Slot); start += 7)
        {
            Assert.InRange(FiredAt(new TimerWheel(start), start, delay) - start, delay, delay + Slot);
        }
    }

    [Fact]
    public void A_loop_that_sleeps_as_told_is_on_time_too()
    {
        var fired = 0L;
        var timer = new LoopTimer(_ => fired = _now, null);
        _wheel.Set(timer, (3 * Round) + 100);
        for (var wakes = 0; fired == 0; wakes++)
        {
            Assert.True(wakes < 5, "the loop was woken for nothing");
            _now += _wheel.MillisecondsUntilNext(_now);
            _wheel.Advance(_now);
        }
        Assert.InRange(fired, (3 * Round) + 100, (3 * Round) + 100 + Slot);
        Assert.Equal(-1, _wheel.MillisecondsUntilNext(_now));
    }

    [Fact]
    public void A_timer_fires_after_a_sleep_of_many_rounds()
    {
        var fired = 0;
        _wheel.Set(new LoopTimer(_ => fired++, null), 500);
        _wheel.Set(new LoopTimer(_ => fired++, null), Round + 500);
        _wheel.Advance(20 * Round);
        Assert.Equal(2, fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_moved_timer_fires_at_its_new_time_only()
    {
        var fired = new List<long>();
        var timer = new LoopTimer(_ => fired.Add(_now), null);
        _wheel.Set(timer, 200);
        _wheel.Set(timer, 1000);
        RunTo(2000);
        Assert.InRange(Assert.Single(fired), 1000, 1000 + Slot);
        Assert.False(timer.IsSet);
    }

    [Fact]
    public void A_cleared_timer_never_fires()
    {
        var timer = new LoopTimer(_ => Assert.Fail("it was cleared"), null);
        _wheel.Set(timer, 200);
        _wheel.Clear(timer);
        _wheel.Clear(timer);
        Assert.Equal(0, _wheel.Count);
        RunTo(500);
    }

    [Fact]
    public void A_callback_may_clear_and_move_its_neighbours_and_set_itself_again()
    {
        var fired = new List<string>();
        LoopTimer again = null!, cleared = null!, moved = null!;
        void OnFired(string name)
        {
            fired.Add(name);
            _wheel.Clear(cleared);
            _wheel.Set(moved, _now + 500);
            if (fired.Count < 3)
            {
                _wheel.Set(again, _now);
            }
        }
        // The last one set stands first in its slot, so the other two come after it.
        cleared = new LoopTimer(_ => fired.Add("cleared"), null);
        moved = new LoopTimer(_ => fired.Add("moved"), null);
        again = new LoopTimer(_ => OnFired("again"), null);
        _wheel.Set(cleared, 100);
        _wheel.Set(moved, 100);
        _wheel.Set(again, 100);
        RunTo(3000);
        Assert.Equal(["again", "again", "again", "moved"], fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_timer_set_again_for_now_waits_for_the_next_slot_instead_of_spinning()
    {
        var fired = 0;
        LoopTimer timer = null!;
        timer = new LoopTimer(_ =>
        {
            fired++;
            _wheel.Set(timer, _now);
        }, null);
        _wheel.Set(timer, 0);
        RunTo(10 * Slot);
        Assert.InRange(fired, 9, 10);
    }

    [Fact]
    public void Thousands_of_timers_at_random_times_each_fire_once_and_on_time()
    {
        const int Timers = 5000;
        var random = new Random(7);
        var lateness = new List<long>();
        for (var i = 0; i < Timers; i++)
        {
            var due = random.Next(4 * Round);
            _wheel.Set(new LoopTimer(_ => lateness.Add(_now - due), null), due);
        }
        Assert.Equal(Timers, _wheel.Count);
        RunTo((4 * Round) + Slot);
        Assert.Equal(Timers, lateness.Count);
        Assert.All(lateness, late => Assert.InRange(late, 0, Slot));
    }

    private void RunTo(long end)
    {
        while (_now < end)
        {
            _wheel.Advance(++_now);
        }
    }

    private static long FiredAt(TimerWheel wheel, long start, int delay)
    {
        var (now, fired) = (start, 0L);
        wheel.Set(new LoopTimer(_ => fired = now, null), start + delay);
        while (fired == 0)
        {
            wheel.Advance(++now);
            Assert.True(now < start + delay + (2 * Slot), "it never fired");
        }
        return fired;
    }
}
