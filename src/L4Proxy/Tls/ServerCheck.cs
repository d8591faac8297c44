using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Routing;

namespace L4Proxy.Tls;

/// <summary>
/// Whether a server outside the mesh is the one that was meant: a chain to the authorities named for it, and one of its names. Refuses
/// until it has said otherwise.
/// </summary>
/// <param name="tls">What the rule says.</param>
/// <param name="serverName">What was asked for; the name to prove where the rule names none. Empty: none.</param>
internal sealed class ServerCheck(UpstreamTls tls, string serverName)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";   // RFC 5280 §4.2.1.12
    private const string SpiffeScheme = "spiffe://";
    private const int LongestName = 100;

    /// <summary>Nobody vouches for the certificate, or the one who does is not known.</summary>
    private const X509ChainStatusFlags Untrusted =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    /// <summary>Whether there is a name to verify at all.</summary>
    public bool HasName => serverName.Length > 0 || !tls.SubjectAltNames.IsEmpty;

    public bool Accepted { get; private set; }

    /// <summary>Why it was refused; null while it has not been.</summary>
    public PeerVerdict? Verdict { get; private set; }

    /// <summary>Called by SslStream when the server has shown its certificate, or none.</summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Verdict = certificate is not X509Certificate2 leaf || chain is null
            ? Refuse(CloseReason.TlsNoPeerCertificate, "the server showed no certificate")
            : ProblemOfChain(leaf, chain, errors) ?? ProblemOfName(leaf);
        Accepted = Verdict is null;
        return Accepted;
    }

    /// <param name="authorities">Null: those of the system.</param>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = authorities is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
            // Neither lists nor missing issuers are fetched: a handshake never waits for a third party.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (authorities is not null)
        {
            policy.CustomTrustStore.AddRange(authorities);
        }
        return policy;
    }

    private PeerVerdict? ProblemOfChain(X509Certificate2 leaf, X509Chain chain, SslPolicyErrors errors)
    {
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, each) => all | each.Status);
        if (flags == X509ChainStatusFlags.NoError)
        {
            return (errors & SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                ? null : Refuse(CloseReason.TlsUnknownCa, "the server's chain has an error without a name");
        }
        if ((flags & Untrusted) != X509ChainStatusFlags.NoError)
        {
            return Refuse(CloseReason.TlsUnknownCa,
                $"the server's certificate {Name(leaf.Subject)}, issued by {Name(leaf.Issuer)}, does not chain to {Authorities} ({flags & Untrusted})");
        }
        if ((flags & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
        {
            return ProblemOfTime(chain);
        }
        return (flags & X509ChainStatusFlags.NotValidForUsage) != X509ChainStatusFlags.NoError
            ? Refuse(CloseReason.TlsWrongEku, $"a certificate of the server's chain ({Name(leaf.Subject)}) is not issued for servers")
            : Refuse(CloseReason.TlsUnknownCa, $"the server's chain ({Name(leaf.Subject)}) is not valid: {flags}");
    }

    private static PeerVerdict ProblemOfTime(X509Chain chain)
    {
        var now = DateTime.UtcNow;
        foreach (var certificate in chain.ChainElements.Select(element => element.Certificate))
        {
            if (certificate.NotBefore.ToUniversalTime() > now)
            {
                return Refuse(CloseReason.TlsNotYetValid, $"the certificate {Name(certificate.Subject)} is not valid before {Time(certificate.NotBefore)}");
            }
            if (certificate.NotAfter.ToUniversalTime() < now)
            {
                return Refuse(CloseReason.TlsExpired, $"the certificate {Name(certificate.Subject)} expired at {Time(certificate.NotAfter)}");
            }
        }
        return Refuse(CloseReason.TlsExpired, "the validity periods of the server's chain do not fit together");
    }

    private PeerVerdict? ProblemOfName(X509Certificate2 leaf)
    {
        if (tls.SubjectAltNames.IsEmpty ? Matches(leaf, serverName) : tls.SubjectAltNames.Any(name => Matches(leaf, name)))
        {
            return null;
        }
        var expected = tls.SubjectAltNames.IsEmpty ? serverName : string.Join(" or ", tls.SubjectAltNames);
        return Refuse(CloseReason.TlsSanMismatch, $"expected {expected} but the server is {Names(leaf)}");
    }

    /// <summary>A SPIFFE ID only from the one URI of an X.509-SVID; a host or address only from names of that kind, never from the subject.</summary>
    private static bool Matches(X509Certificate2 leaf, string name) => name.StartsWith(SpiffeScheme, StringComparison.Ordinal)
        ? SvidRules.InspectLeaf(leaf, PeerRole.Server) is { Kept: true, Id: { } id } && id.ToString() == name
        : leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false);

    private string Authorities => tls.CaCertificates.Length > 0 ? tls.CaCertificates : "an authority of the system";

    private static string Names(X509Certificate2 leaf)
    {
        if (SvidRules.InspectLeaf(leaf, PeerRole.Server) is { Kept: true, Id: { } id })
        {
            return id.ToString();
        }
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).Take(4).ToList();
        return names.Count == 0 ? Name(leaf.Subject) : string.Join(", ", names.Take(3).Select(Name)) + (names.Count > 3 ? " and others" : "");
    }

    private static PeerVerdict Refuse(CloseReason reason, string detail) => new(null, reason, detail);

    private static string Time(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Names come from the server: nothing in one may upset a log.</summary>
    private static string Name(string name) => name.Length == 0 ? "(no name)"
        : $"'{string.Concat(name.Take(LongestName).Select(letter => letter is >= ' ' and <= '~' ? letter : '?'))}'";
}
