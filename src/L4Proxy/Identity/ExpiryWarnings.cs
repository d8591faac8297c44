using System.Security.Cryptography.X509Certificates;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Identity;

/// <summary>Says in time that a certificate in force is about to expire, each thing once, whatever is loaded in between.</summary>
/// <param name="file">Where the leaf comes from.</param>
internal sealed class ExpiryWarnings(string file, ILogger logger)
{
    /// <summary>Long enough to find out who issues it; a week to do it; the last day.</summary>
    private static readonly TimeSpan[] _authority = [TimeSpan.FromDays(30), TimeSpan.FromDays(7), TimeSpan.FromDays(1)];

    private readonly HashSet<(string Thumbprint, DateTime Instant)> _said = [];

    /// <summary>Says what is to be said now.</summary>
    /// <returns>When to ask again; null when nothing is to come. UTC.</returns>
    public DateTime? Check(IdentityGeneration generation, DateTime utcNow)
    {
        DateTime? next = null;
        Check(generation.Leaf, LeafInstants(generation.Leaf), utcNow, ref next, SayLeaf);
        foreach (var intermediate in generation.Intermediates)
        {
            Check(intermediate, AuthorityInstants(intermediate), utcNow, ref next, (instant, left) => SayAuthority("intermediate", intermediate, instant, left));
        }
        foreach (var anchor in generation.Anchors)
        {
            Check(anchor, AuthorityInstants(anchor), utcNow, ref next, (instant, left) => SayAuthority("anchor", anchor, instant, left));
        }
        return next;
    }

    private void Check(X509Certificate2 certificate, IEnumerable<DateTime> instants, DateTime utcNow, ref DateTime? next, Action<DateTime, TimeSpan> say)
    {
        DateTime? latest = null;
        foreach (var instant in instants)
        {
            if (instant > utcNow)
            {
                next = next < instant ? next : instant;
            }
            else if (_said.Add((certificate.Thumbprint, instant)))
            {
                latest = instant;
            }
        }
        // Of several that passed unseen, before we were started perhaps, the last says it all.
        if (latest is { } passed)
        {
            say(NotAfter(certificate), passed == NotAfter(certificate) ? TimeSpan.Zero : NotAfter(certificate) - utcNow);
        }
    }

    private void SayLeaf(DateTime notAfter, TimeSpan left)
    {
        if (left == TimeSpan.Zero)
        {
            logger.IdentityExpired(Words.Time(notAfter), file);
        }
        else
        {
            logger.IdentityExpiresSoon(Words.Time(notAfter), Words.Span(left), file);
        }
    }

    private void SayAuthority(string kind, X509Certificate2 authority, DateTime notAfter, TimeSpan left)
    {
        if (left == TimeSpan.Zero)
        {
            logger.AuthorityExpired(kind, Words.Name(authority), Words.Time(notAfter));
        }
        else
        {
            logger.AuthorityExpiresSoon(kind, Words.Name(authority), Words.Time(notAfter), Words.Span(left));
        }
    }

    // Everybody renews at half of the lifetime or soon after (Istio 50 %, linkerd 70 %): at a quarter left it is late.
    private static DateTime[] LeafInstants(X509Certificate2 leaf) => [NotAfter(leaf) - Lifetime(leaf) / 4, NotAfter(leaf)];

    /// <summary>What lives only for days, as some intermediates do, is late as a leaf is.</summary>
    private static DateTime[] AuthorityInstants(X509Certificate2 authority) => Lifetime(authority) / 2 < _authority[1]
        ? LeafInstants(authority)
        : [.. _authority.Where(before => before < Lifetime(authority) / 2).Select(before => NotAfter(authority) - before), NotAfter(authority)];

    private static TimeSpan Lifetime(X509Certificate2 certificate) => NotAfter(certificate) - certificate.NotBefore.ToUniversalTime();

    private static DateTime NotAfter(X509Certificate2 certificate) => certificate.NotAfter.ToUniversalTime();
}
