using System.Globalization;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>
/// What the revocation lists of a domain say about a path. With any list configured, every CA of the path needs one (as Envoy has it): an
/// attacker who can keep a list from us gains nothing. Of several lists by one CA the newest counts.
/// </summary>
/// <param name="Refusal">Null unless a certificate of the path has been taken back.</param>
/// <param name="InForceUntil">When the first of the lists goes stale; the beginning of time when a CA has none, the end where none are configured.</param>
/// <param name="Culprit">Whose list that is.</param>
internal sealed record Revocation(PeerVerdict? Refusal, DateTime InForceUntil, string Culprit)
{
    private static readonly Revocation _notConfigured = new(null, DateTime.MaxValue, "");

    public static Revocation Of(TrustPath path, RevocationList[] lists)
    {
        if (lists.Length == 0)
        {
            return _notConfigured;
        }
        var (until, culprit) = (DateTime.MaxValue, "");
        for (var i = 0; i < path.Certificates.Length; i++)
        {
            var issuer = path.All[i + 1];
            var list = lists.Where(list => list.IsOf(issuer)).MaxBy(list => list.ThisUpdate);
            if (list?.Contains(path.All[i].Serial) == true)
            {
                return Revoked(path, i);
            }
            // A root that takes itself back says so in its own list.
            if (list is not null && issuer.IsSelfIssued && list.Contains(issuer.Serial))
            {
                return Revoked(path, i + 1);
            }
            if ((list?.NextUpdate ?? DateTime.MinValue) < until)
            {
                (until, culprit) = (list?.NextUpdate ?? DateTime.MinValue, Wording.Name(issuer.Subject));
            }
        }
        return new Revocation(null, until, culprit);
    }

    /// <summary>Asked after <see cref="InForceUntil"/>.</summary>
    public PeerVerdict NotInForce(DateTime utcNow) => PeerVerdict.Refuse(
        CloseReason.TlsRevoked,
        InForceUntil == DateTime.MinValue
            ? $"revocation lists are configured, but none is signed by {Culprit}, so nobody knows what it has revoked"
            : $"the revocation list of {Culprit} is stale: its next update was due at {Wording.Time(InForceUntil)}, {Wording.Span(utcNow - InForceUntil)} ago");

    private static Revocation Revoked(TrustPath path, int index) => _notConfigured with
    {
        Refusal = PeerVerdict.Refuse(
            CloseReason.TlsRevoked,
            $"{path.Name(index)} with serial {path.All[index].Serial.ToString("X", CultureInfo.InvariantCulture)} is revoked by {Wording.Name(path.All[index].Issuer)}"),
    };
}
