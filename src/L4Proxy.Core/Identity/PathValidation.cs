using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>
/// Lets the BCL judge one definite path by RFC 5280 §6: path lengths, name constraints, critical extensions, usages, signatures. Without
/// network, and at a time of the path's own choosing, so that the answer holds for as long as the path does.
/// </summary>
internal static class PathValidation
{
    /// <param name="path">All signatures already found good.</param>
    /// <param name="role">Decides the purpose every certificate of the path must allow.</param>
    /// <param name="at">A time at which all of the path is valid.</param>
    /// <returns>Null when the path is good.</returns>
    public static PeerVerdict? Problem(TrustPath path, PeerRole role, DateTime at)
    {
        X509Certificate2[] certificates = [];
        try
        {
            certificates = [.. path.Certificates.Select(fields => X509CertificateLoader.LoadCertificate(fields.Der.Span))];
            using var chain = new X509Chain { ChainPolicy = Policy(path, role, at) };
            chain.ChainPolicy.ExtraStore.AddRange(certificates[1..]);
            chain.Build(certificates[0]);
            var verdict = Problem(chain, path);
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
            return verdict;
        }
        catch (CryptographicException exception)
        {
            return PeerVerdict.Refuse(CloseReason.TlsUnknownCa, $"the chain cannot be judged: {exception.Message}");
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    private static X509ChainPolicy Policy(TrustPath path, PeerRole role, DateTime at)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = at,
            // An anchor that is an intermediate is no root to X509Chain. The flag only lets it look at the rest: that the path ends in
            // this very anchor, byte for byte, is checked below.
            VerificationFlags = path.Anchor.IsRoot
                ? X509VerificationFlags.NoFlag
                : X509VerificationFlags.AllowUnknownCertificateAuthority,
        };
        policy.ApplicationPolicy.Add(new Oid(SvidRules.Purpose(role)));
        policy.CustomTrustStore.Add(path.Anchor.Certificate);
        return policy;
    }

    private static PeerVerdict? Problem(X509Chain chain, TrustPath path)
    {
        foreach (var status in chain.ChainStatus)
        {
            if (status.Status == X509ChainStatusFlags.PartialChain && !path.Anchor.IsRoot)
            {
                continue;
            }
            return PeerVerdict.Refuse(Reason(status.Status), $"the chain is refused: {status.StatusInformation} ({status.Status})");
        }
        var judged = chain.ChainElements;
        return judged.Count == path.All.Length && path.All.Index().All(each => judged[each.Index].Certificate.RawDataMemory.Span.SequenceEqual(each.Item.Der.Span))
            ? null
            : PeerVerdict.Refuse(CloseReason.TlsUnknownCa, "the chain judged is not the chain that was found");
    }

    private static CloseReason Reason(X509ChainStatusFlags status) => status switch
    {
        X509ChainStatusFlags.NotValidForUsage => CloseReason.TlsWrongEku,
        X509ChainStatusFlags.HasNotSupportedCriticalExtension or X509ChainStatusFlags.InvalidExtension => CloseReason.TlsInvalidSvid,
        _ => CloseReason.TlsUnknownCa,
    };
}
