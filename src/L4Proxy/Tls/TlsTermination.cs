using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Core.Identity;
using L4Proxy.Identity;
using L4Proxy.Transport;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>The server's side of mutual TLS, toward the downstream.</summary>
internal sealed class TlsTermination(IIdentitySource identities, TlsContexts contexts, HandshakeGate gate)
{
    /// <summary>
    /// Shakes hands with the downstream and verifies who it is, before anything is dialled. On failure the record has its reason and the
    /// downstream is closed.
    /// </summary>
    /// <param name="downstream">Nothing of it has been read yet.</param>
    /// <param name="record">Gets the facts.</param>
    /// <param name="hello">What it began with.</param>
    /// <param name="expected">Identities of which it must prove one; empty: anyone our trust covers.</param>
    /// <param name="limits">Of this connection.</param>
    public async ValueTask<TlsPeer?> AcceptAsync(
        Leg downstream, ConnectionRecord record, ClientHello? hello, IReadOnlyCollection<SpiffeId> expected, HandshakeLimits limits)
    {
        record.Enter(Phase.TerminatingTls);
        if (identities.Current is not { } identity)
        {
            record.End(CloseReason.TlsNoIdentity);
            return null;
        }
        if (!gate.TryEnter(limits.InFlight))
        {
            record.End(CloseReason.HandshakeLimit);
            return null;
        }
        var facts = record.Tls ??= new TlsFacts();
        facts.LocalIdentity = identity.Id.ToString();
        facts.HandshakeStartedAt = Monotonic.Microseconds;
        var shared = await contexts.ForAsync(identity, limits.Versions);
        await downstream.Loop.SwitchToAsync();
        var check = new PeerCheck(identity.Peers, PeerRole.Client, expected);
        var session = new TlsSession(downstream, gate.Threads);
        // The deadline began with the connection: a peer cannot have it once for being silent and once for being slow.
        var deadline = record.AcceptedAt / 1000 + limits.Milliseconds;
        var succeeded = await session.AcceptAsync(Options(identity, hello, check, limits.Versions, shared is not null), deadline);
        GC.KeepAlive(shared);
        facts.HandshakeEndedAt = Monotonic.Microseconds;
        check.JudgeAgain(identity, identities.Current);
        gate.Leave(gate.Terminated, succeeded, facts.HandshakeEndedAt - facts.HandshakeStartedAt);
        if (TlsPeer.Of(session, check, facts, succeeded) is { } peer)
        {
            return peer;
        }
        TlsFault.Of(session, check.Verdict, ofUpstream: false).End(record);
        session.Dispose();
        // In order, so that an alert on its way is not overtaken by a reset.
        downstream.Close(reset: false);
        return null;
    }

    private static SslServerAuthenticationOptions Options(
        WorkloadIdentity identity, ClientHello? hello, PeerCheck check, SslProtocols versions, bool shared) => new()
    {
        ServerCertificateContext = identity.Certificate,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = check.Judge,
        CertificateChainPolicy = PeerCheck.Unjudged(),
        EnabledSslProtocols = versions,
        // Chosen by us from what was offered: SslStream refuses a client whose list has nothing in common with ours, and those that do
        // not speak for a mesh have none of its protocols. istio-peer-exchange is never chosen: it announces a header nobody here writes.
        ApplicationProtocols = hello?.AlpnToSelect is { } alpn ? [new SslApplicationProtocol(alpn)] : null,
        // A resumed session would outlive its certificate, its bundle and its policy, and comes without the peer's intermediates. Shared
        // contexts have resumption forbidden in OpenSSL itself; SslStream shares them only if it believes that it is allowed.
        AllowTlsResume = shared,
        AllowRenegotiation = false,
    };
}
