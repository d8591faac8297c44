using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Core.Identity;
using L4Proxy.Identity;
using L4Proxy.Transport;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>The client's side of mutual TLS, toward the upstream.</summary>
internal sealed class TlsOrigination(IIdentitySource identities, TlsContexts contexts, HandshakeGate gate)
{
    /// <summary>What a peer of the mesh recognises us by; never istio-peer-exchange, which announces a header we do not write.</summary>
    private static readonly List<SslApplicationProtocol> _meshOnly = [new(MeshAlpn.Istio)];

    /// <summary>
    /// Shakes hands with the upstream and verifies who it is, before it is sent a byte of the downstream's. On failure the upstream is
    /// closed and the fault says why; the record is not ended, because another endpoint may do better.
    /// </summary>
    /// <param name="upstream">Just connected.</param>
    /// <param name="downstream">For whom; if it goes, so does the handshake.</param>
    /// <param name="record">Gets the facts.</param>
    /// <param name="serverName">SNI; empty sends none.</param>
    /// <param name="expected">Identities of which it must prove one; empty: anyone our trust covers.</param>
    /// <param name="limits">Of this connection.</param>
    public async ValueTask<(TlsPeer? Peer, TlsFault Fault)> ConnectAsync(
        Leg upstream, Leg downstream, ConnectionRecord record, string serverName, IReadOnlyCollection<SpiffeId> expected, HandshakeLimits limits)
    {
        record.Enter(Phase.OriginatingTls);
        if (identities.Current is not { } identity)
        {
            upstream.Close(reset: true);
            return (null, TlsFault.Ours(CloseReason.TlsNoIdentity));
        }
        if (!gate.TryEnter(limits.InFlight))
        {
            upstream.Close(reset: true);
            return (null, TlsFault.Ours(CloseReason.HandshakeLimit));
        }
        var facts = record.Tls ??= new TlsFacts();
        facts.LocalIdentity = identity.Id.ToString();
        facts.ServerName = serverName.Length > 0 ? serverName : null;
        facts.HandshakeStartedAt = Monotonic.Microseconds;
        var shared = await contexts.ForAsync(identity, limits.Versions);
        await upstream.Loop.SwitchToAsync();
        var check = new PeerCheck(identity.Peers, PeerRole.Server, expected);
        var session = new TlsSession(upstream, gate.Threads);
        var deadline = facts.HandshakeStartedAt / 1000 + limits.Milliseconds;
        var succeeded = await session.ConnectAsync(Options(identity, serverName, check, limits.Versions, shared is not null), deadline, downstream);
        GC.KeepAlive(shared);
        facts.HandshakeEndedAt = Monotonic.Microseconds;
        check.JudgeAgain(identity, identities.Current);
        gate.Leave(gate.Originated, succeeded, facts.HandshakeEndedAt - facts.HandshakeStartedAt);
        if (TlsPeer.Of(session, check, facts, succeeded) is { } peer)
        {
            return (peer, default);
        }
        var fault = TlsFault.Of(session, check.Verdict, downstream);
        session.Dispose();
        upstream.Close(reset: false);
        return (null, fault);
    }

    private static SslClientAuthenticationOptions Options(
        WorkloadIdentity identity, string serverName, PeerCheck check, SslProtocols versions, bool shared) => new()
    {
        ClientCertificateContext = identity.Certificate,
        RemoteCertificateValidationCallback = check.Judge,
        CertificateChainPolicy = PeerCheck.Unjudged(),
        EnabledSslProtocols = versions,
        ApplicationProtocols = _meshOnly,
        TargetHost = serverName,
        AllowTlsResume = shared,
        AllowRenegotiation = false,
    };
}
