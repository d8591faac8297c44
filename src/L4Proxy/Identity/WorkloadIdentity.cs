using System.Net.Security;
using L4Proxy.Core.Identity;

namespace L4Proxy.Identity;

/// <summary>
/// One generation of who we are and whom we believe: leaf, key, intermediates and trust, validated together and never changed. Handshakes
/// that began with it end with it.
/// </summary>
/// <param name="Generation">1, 2, 3 …; one more with every swap.</param>
/// <param name="Id">The SPIFFE ID in our leaf.</param>
/// <param name="Certificate">Leaf, key and intermediates as SslStream wants them: built once per generation, because building costs as much as a handshake.</param>
/// <param name="Peers">Judges the certificates of peers by the trust of this generation.</param>
/// <param name="NotAfter">When our leaf, or anything it is believed by, expires; UTC.</param>
internal sealed record WorkloadIdentity(
    int Generation, SpiffeId Id, SslStreamCertificateContext Certificate, PeerVerifier Peers, DateTime NotAfter);
