using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Identity;
using L4Proxy.Identity;

namespace L4Proxy.Tls;

/// <summary>One handshake's question to the verifier, and its answer: SslStream can only be told yes or no, the log wants to know why.</summary>
internal sealed class PeerCheck(PeerVerifier verifier, PeerRole role, IReadOnlyCollection<SpiffeId> expected)
{
    /// <summary>Null until the peer has shown its certificate, or has declined to.</summary>
    public PeerVerdict? Verdict { get; private set; }

    /// <summary>
    /// SslStream's own chain is not looked at: it knows neither trust domains, nor intermediates as anchors, nor CRLs. It is built with
    /// an empty store and its errors mean nothing; the verifier alone decides.
    /// </summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var presented = chain?.ChainPolicy.ExtraStore ?? [];
        var verdict = verifier.Verify((X509Certificate2?)certificate, presented, role, expected, DateTime.UtcNow);
        Verdict = verdict;
        return verdict.Accepted;
    }

    /// <summary>
    /// Trust that changed while the handshake was under way: live connections are judged again when it changes, and this one was not yet
    /// among them.
    /// </summary>
    /// <param name="began">What the handshake began with.</param>
    /// <param name="now">What is in force.</param>
    public void JudgeAgain(WorkloadIdentity began, WorkloadIdentity? now)
    {
        if (Verdict is { Accepted: true } accepted && now is not null && now.Generation != began.Generation
            && now.Peers.Judge(accepted.Chain) is { Accepted: false } refused)
        {
            Verdict = refused;
        }
    }

    /// <summary>
    /// What SslStream builds its own chain with: no store of the machine, no network, and an answer that nobody reads. Anything else
    /// would do the arithmetic of <see cref="PeerVerifier"/> a second time, for every handshake.
    /// </summary>
    public static X509ChainPolicy Unjudged() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
