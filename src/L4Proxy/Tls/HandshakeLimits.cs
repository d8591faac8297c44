using System.Security.Authentication;

namespace L4Proxy.Tls;

/// <summary>What a handshake is held to.</summary>
/// <param name="Milliseconds">Its deadline.</param>
/// <param name="InFlight">Handshakes begun and not over, over the whole process.</param>
/// <param name="Versions">TLS versions we take part in.</param>
internal sealed record HandshakeLimits(int Milliseconds, int InFlight, SslProtocols Versions);
