using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class TimeoutTests
{
    private const int Timeout = 300;

    /// <summary>For tests that must act within it, on a machine that may be busy.</summary>
    private const int Postponed = 1000;

    [Theory]
    [InlineData(Flow.ToUpstream)]
    [InlineData(Flow.ToDownstream)]
    public void Two_thousand_half_open_ghosts_are_reaped(Flow flow)
    {
        const int Ghosts = 2000;
        using var loop = new TestLoop();
        var pairs = new SplicedPair[Ghosts];
        for (var i = 0; i < Ghosts; i++)
        {
            pairs[i] = loop.Connect(new SpliceTimeouts(0, Timeout));
        }
        foreach (var pair in pairs)
        {
            pair.Along(flow).Source.Fin();
        }
        foreach (var pair in pairs)
        {
            var expected = new SpliceResult(SpliceEnd.HalfCloseTimeout, Native.Errno.None, flow == Flow.ToDownstream);
            Assert.Equal(expected, pair.End());
        }
        // The peers still hold their sockets: it is the proxy that let go.
        loop.UntilNothingIsLeft();
        var ghost = pairs[Ghosts - 1];
        Assert.Equal(Ending.Fin, ghost.Along(flow).Destination.ReceiveSome());
        ghost.Along(flow).Destination.SendUntilReset();
        Assert.Equal(Ending.Reset, ghost.Along(flow).Source.ReceiveSome());
        foreach (var pair in pairs)
        {
            pair.Dispose();
        }
    }

    [Fact]
    public void A_half_closed_connection_lives_as_long_as_bytes_move()
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect(new SpliceTimeouts(0, Postponed));
        pair.Client.Fin();
        Assert.Equal(Ending.Fin, pair.Server.ReceiveSome());

        TrickleBeyondTheTimeout(pair);

        Assert.Equal(SpliceEnd.HalfCloseTimeout, pair.End().End);
    }

    [Fact]
    public void An_idle_connection_is_closed_after_the_idle_timeout_and_both_sides_are_reset()
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect(new SpliceTimeouts(Postponed, 0));
        pair.RoundTrip();
        var idleSince = loop.On(_ => pair.Splice.LastMoved);

        Assert.Equal(SpliceEnd.IdleTimeout, pair.End().End);
        var now = loop.On(l => l.Now);
        Assert.True(now - idleSince >= Postponed, $"closed after {now - idleSince} ms of {Postponed}");
        Assert.Equal(Ending.Reset, pair.Client.ReceiveSome());
        Assert.Equal(Ending.Reset, pair.Server.ReceiveSome());
    }

    [Fact]
    public void Activity_in_one_direction_postpones_the_idle_timeout()
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect(new SpliceTimeouts(Postponed, 0));
        TrickleBeyondTheTimeout(pair);
        Assert.Equal(SpliceEnd.IdleTimeout, pair.End().End);
    }

    [Fact]
    public void Without_timeouts_no_timer_is_kept_beyond_the_first_moment()
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect();
        pair.RoundTrip();
        loop.Until(l => l.Timers.Count == 0, () => "a timer is kept");
        Assert.Equal(-1, loop.On(l => l.Timers.MillisecondsUntilNext(l.Now)));
    }

    [Theory]
    [InlineData(true, Ending.Reset)]
    [InlineData(false, Ending.Fin)]
    public void An_aborted_splice_ends_both_sides_the_same_way(bool reset, object ending)
    {
        using var loop = new TestLoop();
        using var pair = loop.Connect(new SpliceTimeouts(Patience.Milliseconds, Patience.Milliseconds));
        pair.RoundTrip();
        loop.Do(() => pair.Splice.Abort(reset));
        Assert.Equal(SpliceEnd.Aborted, pair.End().End);
        Assert.Equal(ending, pair.Client.ReceiveSome());
        Assert.Equal(ending, pair.Server.ReceiveSome());
    }

    private static void TrickleBeyondTheTimeout(SplicedPair pair)
    {
        var loop = pair.Loop;
        for (var end = loop.On(l => l.Now) + (Postponed * 3 / 2); loop.On(l => l.Now) < end;)
        {
            loop.AfterTimer(1);
            pair.Server.Send(1);
            pair.Client.Receive(1);
        }
    }
}
