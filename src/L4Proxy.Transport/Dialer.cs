using System.Net;
using System.Runtime.CompilerServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>How to dial.</summary>
public sealed record DialOptions
{
    /// <summary>Milliseconds until the dial is given up; 0 leaves it to the kernel (about two minutes of SYNs).</summary>
    public int TimeoutMilliseconds { get; init; }

    /// <summary>Address to dial from; its port is chosen at connect, so many connections can share one port number.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>
    /// Differentiated services code point of every packet, 0 to 63 (RFC 2474). The capture rules let the proxy's leg to its own
    /// workload pass by this mark: setting it needs no capability, unlike SO_MARK.
    /// </summary>
    public byte Dscp { get; init; }

    /// <summary>How a silent upstream is noticed, where it differs from <see cref="TransportSettings"/>.</summary>
    public KeepAliveTimes KeepAlive { get; init; }
}

/// <summary>TCP keepalive of one leg; what is 0 is as <see cref="TransportSettings"/> says.</summary>
/// <param name="Probes">Unanswered ones until the peer counts as dead.</param>
/// <param name="IdleSeconds">Silence before the first.</param>
/// <param name="IntervalSeconds">Between them.</param>
public readonly record struct KeepAliveTimes(int Probes, int IdleSeconds, int IntervalSeconds);

/// <param name="Leg">The connected leg; null when the dial failed.</param>
/// <param name="Error">Why it failed. ETIMEDOUT is either our deadline or the kernel's.</param>
public readonly record struct DialResult(Leg? Leg, Errno Error);

/// <summary>Opens connections upstream.</summary>
public static class Dialer
{
    /// <summary>Dials from the downstream's loop, so that both legs live on the same one.</summary>
    /// <param name="downstream">Whom we dial for: if its leg fails meanwhile, the dial is given up with ECANCELED.</param>
    /// <param name="destination">IPv4 or IPv6.</param>
    /// <param name="options">Deadline, source and mark.</param>
    /// <param name="cancellationToken">Gives the dial up with ECANCELED; may be cancelled from any thread.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<DialResult> DialAsync(
        Leg downstream, IPEndPoint destination, DialOptions options, CancellationToken cancellationToken = default)
    {
        var loop = downstream.Loop;
        var descriptor = Sockets.Create(destination.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
        if (descriptor < 0)
        {
            return new DialResult(null, (Errno)(-descriptor));
        }
        var leg = Leg.Dialed(loop, descriptor);
        if (options.KeepAlive != default)
        {
            leg.KeepAlive(options.KeepAlive);
        }
        var started = Prepare(descriptor, destination, options);
        if (started == 0)
        {
            started = Connect(descriptor, destination, downstream);
        }
        if (started < 0 && started != -(int)Errno.EINPROGRESS)
        {
            leg.Close(reset: true);
            return new DialResult(null, (Errno)(-started));
        }
        // Registered after connect: the kernel reports a socket that was never connected as hung up.
        leg.Enter();
        // On one host the handshake is over before connect returns, though it says "in progress"; then there is nothing to wait for.
        if (started < 0 && !Sockets.IsConnected(descriptor))
        {
            var cancellation = cancellationToken.UnsafeRegister(static leg => ((Leg)leg!).Loop.Post(GiveUp, leg), leg);
            var deadline = SetDeadline(leg, options.TimeoutMilliseconds);
            downstream.Partner = leg;
            leg.Connecting = true;
            // A refusal arrives as an error event and fails the leg; the first writable edge without one is the connection.
            await leg.ConnectedAsync();
            leg.Connecting = false;
            downstream.Partner = null;
            // Not disposed: that would wait for a callback in progress and come back on a pool thread instead of the loop.
            cancellation.Unregister();
            if (deadline is not null)
            {
                loop.Timers.Clear(deadline);
            }
        }
        if (downstream.HasFailed)
        {
            leg.Abort(Errno.ECANCELED);
        }
        if (!leg.HasFailed)
        {
            return new DialResult(leg, Errno.None);
        }
        var error = leg.Error;
        leg.Close(reset: true);
        return new DialResult(null, error);
    }

    private static LoopTimer? SetDeadline(Leg leg, int milliseconds)
    {
        if (milliseconds <= 0)
        {
            return null;
        }
        var deadline = new LoopTimer(static leg => ((Leg)leg!).Abort(Errno.ETIMEDOUT), leg);
        leg.Loop.Timers.Set(deadline, leg.Loop.Now + milliseconds);
        return deadline;
    }

    /// <summary>A cancel may arrive after the dial has ended; then the leg is somebody's connection and none of its business.</summary>
    private static void GiveUp(object? state)
    {
        if (state is Leg { Connecting: true } leg)
        {
            leg.Abort(Errno.ECANCELED);
        }
    }

    private static int Prepare(int descriptor, IPEndPoint destination, DialOptions options)
    {
        var ipv6 = destination.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
        if (options.Dscp != 0)
        {
            // The code point is the upper six bits of the octet.
            var status = ipv6
                ? Sockets.SetOption(descriptor, Constants.IPPROTO_IPV6, Constants.IPV6_TCLASS, options.Dscp << 2)
                : Sockets.SetOption(descriptor, Constants.IPPROTO_IP, Constants.IP_TOS, options.Dscp << 2);
            if (status < 0)
            {
                return status;
            }
        }
        if (options.Source is { } source)
        {
            Sockets.SetOption(descriptor, Constants.IPPROTO_IP, Constants.IP_BIND_ADDRESS_NO_PORT, 1);
            return Sockets.Bind(descriptor, new IPEndPoint(source, 0));
        }
        return 0;
    }

    private static int Connect(int descriptor, IPEndPoint destination, Leg downstream)
    {
        // When the downstream has spoken already, its bytes follow the handshake at once and can carry the handshake's last ACK:
        // one packet less. When it has not, the server may be the one to speak first, and must not wait for a delayed ACK.
        if (downstream.HasBytesToRead)
        {
            Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_QUICKACK, 0);
        }
        return Sockets.Connect(descriptor, destination);
    }
}
