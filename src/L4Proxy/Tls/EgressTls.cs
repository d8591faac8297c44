using System.Net.Security;
using System.Security.Authentication;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Transport;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>
/// The client's side of ordinary TLS, toward a server outside the mesh (SIMPLE and MUTUAL of a DestinationRule): the workload speaks in
/// clear, we speak TLS for it.
/// </summary>
internal sealed class EgressTls(HandshakeGate gate)
{
    /// <summary>The mesh's own minimum is for peers of the mesh; the world still has servers of 1.2, and nothing good below it (RFC 8996).</summary>
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly EgressTlsFiles _files = new();

    /// <summary>
    /// Shakes hands with the upstream and verifies its name, before it is sent a byte of the downstream's. On failure the upstream is
    /// closed and the fault says why; the record is not ended, because another endpoint may do better.
    /// </summary>
    /// <param name="upstream">Just connected.</param>
    /// <param name="downstream">For whom; if it goes, so does the handshake.</param>
    /// <param name="record">Gets the facts.</param>
    /// <param name="security">Names and files; of kind <see cref="UpstreamSecurityKind.Tls"/>.</param>
    /// <param name="limits">Of this connection.</param>
    public async ValueTask<(EgressServer? Server, TlsFault Fault)> ConnectAsync(
        Leg upstream, Leg downstream, ConnectionRecord record, UpstreamSecurity security, HandshakeLimits limits)
    {
        record.Enter(Phase.OriginatingTls);
        var check = new ServerCheck(security.Tls!, security.ServerName);
        if (!check.HasName)
        {
            upstream.Close(reset: true);
            return (null, TlsFault.Ours(CloseReason.TlsSanMismatch, "there is no name to verify the server by; add sni or subjectAltNames to the tls "
                + "of its DestinationRule"));
        }
        if (!gate.TryEnter(limits.InFlight))
        {
            upstream.Close(reset: true);
            return (null, TlsFault.Ours(CloseReason.HandshakeLimit));
        }
        var facts = record.Tls ??= new TlsFacts();
        facts.ServerName = security.ServerName.Length > 0 ? security.ServerName : null;
        facts.HandshakeStartedAt = Monotonic.Microseconds;
        var files = await _files.ForAsync(security.Tls!);
        await upstream.Loop.SwitchToAsync();
        if (files.Problem is { } problem)
        {
            gate.Leave(gate.Originated, succeeded: false, 0);
            upstream.Close(reset: true);
            return (null, problem);
        }
        var session = new TlsSession(upstream, gate.Threads);
        var deadline = facts.HandshakeStartedAt / 1000 + limits.Milliseconds;
        var succeeded = await session.ConnectAsync(Options(security.ServerName, files, check), deadline, downstream);
        facts.HandshakeEndedAt = Monotonic.Microseconds;
        gate.Leave(gate.Originated, succeeded, facts.HandshakeEndedAt - facts.HandshakeStartedAt);
        // Not from what SslStream says about authentication, but from what the check said about the certificate.
        if (succeeded && check.Accepted)
        {
            facts.Version = TlsEnd.VersionOf(session);
            return (new EgressServer(session), default);
        }
        var fault = TlsFault.Of(session, check.Verdict, downstream);
        session.Dispose();
        upstream.Close(reset: false);
        return (null, fault);
    }

    private static SslClientAuthenticationOptions Options(string serverName, EgressTlsFiles.Loaded files, ServerCheck check) => new()
    {
        ClientCertificateContext = files.Certificate,
        RemoteCertificateValidationCallback = check.Judge,
        CertificateChainPolicy = ServerCheck.PolicyOf(files.Authorities),
        EnabledSslProtocols = Versions,
        TargetHost = serverName,
        // A resumed session comes without the server's certificate, and would outlive the authorities it was judged by.
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };
}
