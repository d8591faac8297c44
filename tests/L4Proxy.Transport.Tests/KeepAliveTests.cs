using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests;

public sealed class KeepAliveTests
{
    [Fact]
    public void Both_legs_notice_a_dead_peer_after_the_configured_times()
    {
        var settings = new TransportSettings
        {
            KeepAliveIdleSeconds = 61,
            KeepAliveIntervalSeconds = 11,
            KeepAliveProbes = 4,
            UserTimeoutMilliseconds = 91_000,
        };
        using var loop = new TestLoop(settings);
        using var pair = loop.Connect();
        // A young connection has a timer, after which the upstream leg is given what the downstream leg inherited.
        loop.Until(l => l.Timers.Count == 0, () => "the splice stays young for ever");
        foreach (var leg in new[] { pair.Downstream, pair.Upstream })
        {
            Assert.Equal(1, Option(leg, Constants.SOL_SOCKET, Constants.SO_KEEPALIVE));
            Assert.Equal(61, Option(leg, Constants.IPPROTO_TCP, Constants.TCP_KEEPIDLE));
            Assert.Equal(11, Option(leg, Constants.IPPROTO_TCP, Constants.TCP_KEEPINTVL));
            Assert.Equal(4, Option(leg, Constants.IPPROTO_TCP, Constants.TCP_KEEPCNT));
            Assert.Equal(91_000, Option(leg, Constants.IPPROTO_TCP, Constants.TCP_USER_TIMEOUT));
            Assert.Equal(1, Option(leg, Constants.IPPROTO_TCP, Constants.TCP_NODELAY));
        }
    }

    [Fact]
    public void A_dial_with_times_of_its_own_keeps_them_and_takes_the_rest_from_the_settings()
    {
        using var loop = new TestLoop(new TransportSettings { KeepAliveIdleSeconds = 61, KeepAliveIntervalSeconds = 11, KeepAliveProbes = 4 });
        using var pair = loop.Connect();
        pair.Upstream.KeepAlive(new KeepAliveTimes(Probes: 9, IdleSeconds: 0, IntervalSeconds: 7));

        pair.Upstream.KeepAlive();

        Assert.Equal(61, Option(pair.Upstream, Constants.IPPROTO_TCP, Constants.TCP_KEEPIDLE));
        Assert.Equal(7, Option(pair.Upstream, Constants.IPPROTO_TCP, Constants.TCP_KEEPINTVL));
        Assert.Equal(9, Option(pair.Upstream, Constants.IPPROTO_TCP, Constants.TCP_KEEPCNT));
    }

    private static int Option(Leg leg, int level, int option)
    {
        Assert.Equal(0, Sockets.GetOption(leg.Descriptor, level, option, out var value));
        return value;
    }
}
