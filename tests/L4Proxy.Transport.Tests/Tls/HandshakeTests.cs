using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class HandshakeTests
{
    private const int Deadline = 500;

    public static TheoryData<TlsPlace> Places => [TlsPlace.Terminate, TlsPlace.Originate];
    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;

    [Theory]
    [MemberData(nameof(Places))]
    public void A_peer_that_says_nothing_is_given_up_at_the_deadline(TlsPlace place)
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, place, Deadline);
        var outcome = attempt.Outcome();
        Assert.Equal((false, true, true, Errno.ETIMEDOUT), (outcome.Succeeded, outcome.CameBack, outcome.TimedOut, outcome.Error));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_peer_that_sends_byte_by_byte_is_given_up_at_the_same_deadline(TlsPlace place)
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, place, Deadline);
        ReadOnlySpan<byte> hello = [22, 3, 1, 16, 0, 1, 0, 15, 252];
        for (var i = 0; !attempt.IsOver; i++)
        {
            attempt.Peer.Socket.Send(i < hello.Length ? hello.Slice(i, 1) : [0], SocketFlags.None, out _);
            loop.AfterTimer(1);
        }
        var outcome = attempt.Outcome();
        Assert.Equal((false, true, true, Errno.ETIMEDOUT), (outcome.Succeeded, outcome.CameBack, outcome.TimedOut, outcome.Error));
        Assert.Empty(outcome.FirstBytes);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_peer_that_leaves_in_the_middle_is_a_failure(TlsPlace place)
    {
        using var loop = new TestLoop();
        using (var attempt = new HandshakeAttempt(loop, place))
        {
            attempt.Peer.Socket.Shutdown(SocketShutdown.Send);
            var outcome = attempt.Outcome();
            Assert.Equal((false, true, false, Errno.None), (outcome.Succeeded, outcome.CameBack, outcome.TimedOut, outcome.Error));
            Assert.NotNull(outcome.Failure);
        }
        using (var attempt = new HandshakeAttempt(loop, place))
        {
            attempt.Peer.Reset();
            var outcome = attempt.Outcome();
            Assert.Equal((false, true, false, Errno.ECONNRESET), (outcome.Succeeded, outcome.CameBack, outcome.TimedOut, outcome.Error));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void What_a_peer_says_that_does_not_speak_tls_is_kept(TlsPlace place)
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, place);
        var answer = "HTTP/1.1 400 Bad Request\r\n\r\n"u8;
        attempt.Peer.Socket.Send(answer);
        var outcome = attempt.Outcome();
        Assert.False(outcome.Succeeded);
        Assert.StartsWith("HTTP/1.1 400", System.Text.Encoding.ASCII.GetString(outcome.FirstBytes), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_flight_that_comes_in_pieces_is_not_taken_for_another_protocol(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, place, version: version);
        // Each piece is read before the next one is sent: two turns of the loop, and whatever the handshake thread does between them.
        attempt.Peer.Inner.Piece = (50, () => loop.Until(_ => loop.Handshakes.Waiting == 0, () => "the handshake thread hangs"));
        // A server of TLS 1.3 goes on to send tickets, to a client that is gone by then.
        Record.Exception(() => attempt.ShakeHands(version));
        var outcome = attempt.Outcome();
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        Assert.Empty(outcome.FirstBytes);
    }

    [Fact]
    public void The_alert_of_a_refused_client_arrives()
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, TlsPlace.Terminate);
        var error = Assert.Throws<AuthenticationException>(() => attempt.ShakeHands(SslProtocols.Tls12));
        Assert.Contains("alert", error.ToString(), StringComparison.Ordinal);
        Assert.False(attempt.Outcome().Succeeded);
    }

    [Fact]
    public void The_alert_of_a_server_that_refuses_us_is_in_the_failure()
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, TlsPlace.Originate);
        Assert.Throws<AuthenticationException>(() => attempt.ShakeHands(SslProtocols.Tls12));
        Assert.Contains("alert", attempt.Outcome().Failure!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_peers_certificate_is_judged_on_a_handshake_thread(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        Thread? judging = null;
        using var attempt = new HandshakeAttempt(loop, place, version: version, judge: (_, certificate, _, _) =>
        {
            Assert.False(loop.Loop.IsCurrent);
            judging = Thread.CurrentThread;
            return certificate is not null;
        });
        attempt.ShakeHands(version);
        var outcome = attempt.Outcome();
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        Assert.StartsWith("l4proxy-tls-", judging?.Name, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_judge_that_throws_anything_at_all_is_a_failure_and_comes_back_on_the_loop(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, place, version: version, judge: (_, _, _, _) => throw new CryptographicException("disposed"));
        Record.Exception(() => attempt.ShakeHands(version));
        var outcome = attempt.Outcome();
        Assert.Equal((false, true), (outcome.Succeeded, outcome.CameBack));
        Assert.NotNull(outcome.Failure);
    }

    [Fact]
    public void A_handshake_for_a_client_that_is_gone_is_given_up()
    {
        using var loop = new TestLoop();
        using var attempt = new HandshakeAttempt(loop, TlsPlace.Originate);
        attempt.Downstream!.Reset();
        var outcome = attempt.Outcome();
        Assert.Equal((false, true, false, Errno.None), (outcome.Succeeded, outcome.CameBack, outcome.TimedOut, outcome.Error));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void After_the_handshake_nothing_needs_its_threads(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        loop.Handshakes.Dispose();
        for (var i = 0; i < 10; i++)
        {
            pair.RoundTrip(100_000);
        }
        pair.Plain.Fin();
        Assert.Equal(Ending.Fin, pair.Tls.ReceiveToEnd());
        pair.Tls.Fin();
        Assert.Equal(SpliceEnd.Completed, pair.End().End);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Two_hundred_handshakes_succeed_beside_a_thousand_silent_ones(TlsPlace place)
    {
        using var loop = new TestLoop();
        var silent = Enumerable.Range(0, 1000).Select(_ => new HandshakeAttempt(loop, place)).ToList();
        var good = Enumerable.Range(0, 200).Select(_ => new HandshakeAttempt(loop, place)).ToList();

        await Parallel.ForEachAsync(good, (attempt, _) =>
        {
            attempt.ShakeHands();
            return ValueTask.CompletedTask;
        });

        Assert.All(good, static attempt => Assert.True(attempt.Outcome().Succeeded, attempt.Outcome().Failure?.ToString()));
        Assert.All(silent, static attempt => Assert.False(attempt.IsOver));
        foreach (var attempt in silent.Concat(good))
        {
            attempt.Dispose();
        }
    }
}
