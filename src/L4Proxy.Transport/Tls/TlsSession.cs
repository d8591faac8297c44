using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tls;

/// <summary>TLS on one leg: the handshake off the loop, then bytes on it. Belongs to the leg's loop.</summary>
public sealed class TlsSession : IDisposable
{
    private readonly LegStream _inner;
    private readonly HandshakeThreads _threads;

    /// <param name="leg">Nothing of it has been read; whoever peeked has taken nothing.</param>
    /// <param name="threads">Where the handshake computes.</param>
    public TlsSession(Leg leg, HandshakeThreads threads)
    {
        Leg = leg;
        _threads = threads;
        _inner = new LegStream(leg, threads);
        Stream = new SslStream(_inner, leaveInnerStreamOpen: true);
    }

    public Leg Leg { get; }

    /// <summary>Why TLS failed, during the handshake or after it; null while it has not.</summary>
    public Exception? Failure { get; internal set; }

    /// <summary>Whether the handshake was cut off by its deadline.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>Whether the peer closed its side without close_notify.</summary>
    public bool SawEnd => _inner.SawEnd;

    /// <summary>The first bytes of a peer that did not answer in TLS; empty otherwise.</summary>
    public ReadOnlyMemory<byte> FirstBytes => _inner.FirstBytes;

    /// <summary>What was negotiated. After the handshake, from the loop.</summary>
    public SslStream Stream { get; }

    /// <summary>The server's side of the handshake. Comes back on the loop.</summary>
    /// <param name="options">What is asked and shown.</param>
    /// <param name="deadline">In milliseconds of <see cref="EventLoop.Now"/>.</param>
    /// <returns>Whether it succeeded; if not, <see cref="Failure"/> says why.</returns>
    public ValueTask<bool> AcceptAsync(SslServerAuthenticationOptions options, long deadline)
    {
        _inner.TakeFirstFlight();
        return ShakeHandsAsync(static (stream, options) => stream.AuthenticateAsServerAsync(options), options, deadline);
    }

    /// <summary>The client's side of the handshake. Comes back on the loop.</summary>
    /// <inheritdoc cref="AcceptAsync"/>
    /// <param name="options">What is asked and shown.</param>
    /// <param name="deadline">In milliseconds of <see cref="EventLoop.Now"/>.</param>
    /// <param name="downstream">For whom: if that leg fails meanwhile, the handshake is given up.</param>
    public async ValueTask<bool> ConnectAsync(SslClientAuthenticationOptions options, long deadline, Leg downstream)
    {
        (Leg.Partner, downstream.Partner) = (downstream, Leg);
        var succeeded = await ShakeHandsAsync(static (stream, options) => stream.AuthenticateAsClientAsync(options), options, deadline);
        (Leg.Partner, downstream.Partner) = (null, null);
        return succeeded && !downstream.HasFailed;
    }

    /// <summary>Frees what OpenSSL holds. On the leg's loop, like everything that is done with the session after its handshake.</summary>
    public void Dispose() => Stream.Dispose();

    internal LegStream Inner => _inner;

    /// <summary>Disposes when the pumps, whose legs have just been closed, have heard of it: they do at the end of this turn.</summary>
    internal void ReleaseSoon() => Leg.Loop.Defer(static session => ((TlsSession)session!).Dispose(), this);

    /// <summary>What a failed read or write of a pump means for it.</summary>
    /// <param name="failure">What SslStream threw.</param>
    /// <param name="readsFrom">Our leg.</param>
    /// <param name="other">The leg without TLS.</param>
    /// <param name="ours">The pump's end if our leg has failed.</param>
    /// <param name="others">The pump's end if the other has.</param>
    internal PumpEnd EndOf(Exception failure, Leg readsFrom, Leg other, PumpEnd ours, PumpEnd others)
    {
        if (readsFrom.HasFailed)
        {
            return ours;
        }
        if (other.HasFailed)
        {
            return others;
        }
        // In the middle of a record SslStream takes FIN for an error, between two records for an end: it is the same to us.
        if (SawEnd && ours == PumpEnd.SourceFailed)
        {
            return PumpEnd.SourceTruncated;
        }
        Failure = failure;
        return PumpEnd.TlsFailed;
    }

    private async ValueTask<bool> ShakeHandsAsync<TOptions>(Func<SslStream, TOptions, Task> shakeHands, TOptions options, long deadline)
    {
        var timer = new LoopTimer(static session => ((TlsSession)session!).OnDeadline(), this);
        Leg.Loop.Timers.Set(timer, deadline);
        await _threads.EnterAsync();
        try
        {
            await shakeHands(Stream, options);
            // Nobody can resume a session here; if somebody has, it is refused like any peer that has not proven who it is.
            if (SslHandle.TryOf(Stream, out var connection) && OpenSsl.WasResumed(connection))
            {
                Failure = new AuthenticationException("a session was resumed");
            }
        }
        catch (Exception failure)
        {
            // Whatever it is (OpenSSL's, a judge's own, a name that is none): uncaught it would leave the caller off its loop.
            Failure = failure;
        }
        await Leg.Loop.SwitchToAsync();
        try
        {
            // The last flight: our Finished, or the alert that says why not.
            await _inner.SettleAsync();
        }
        catch (IOException failure)
        {
            Failure ??= failure;
        }
        Leg.Loop.Timers.Clear(timer);
        return Failure is null && !Leg.HasFailed;
    }

    private void OnDeadline()
    {
        TimedOut = true;
        Leg.Abort(Errno.ETIMEDOUT);
    }
}
