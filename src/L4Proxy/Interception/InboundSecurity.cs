using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Core.Policy;

namespace L4Proxy.Interception;

/// <summary>What becomes of an inbound connection, by mode and by what it began with: Istio's table for TCP ports.</summary>
/// <param name="Terminate">We are the server of its TLS.</param>
/// <param name="Refusal">It is reset; null when not.</param>
internal readonly record struct InboundSecurity(bool Terminate, CloseReason? Refusal)
{
    private static readonly InboundSecurity _pass = new(Terminate: false, Refusal: null);
    private static readonly InboundSecurity _terminate = new(Terminate: true, Refusal: null);

    public static InboundSecurity Of(MtlsMode mode, Verdict verdict) => (mode, verdict) switch
    {
        (MtlsMode.Disable, _) => _pass,
        (_, Verdict.MeshTls) => _terminate,
        // Somebody's own TLS is not ours to open; and if it is not even TLS, its server will say so.
        (MtlsMode.Permissive, _) => _pass,
        (MtlsMode.Strict, Verdict.OtherTls) => _terminate,
        (MtlsMode.Strict, Verdict.BrokenTls) => new(Terminate: false, CloseReason.ClientHelloTooLarge),
        _ => new(Terminate: false, CloseReason.PlaintextRefused),
    };
}
