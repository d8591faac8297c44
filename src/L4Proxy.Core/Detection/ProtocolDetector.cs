using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Detection;

/// <summary>What a connection is by its first bytes. Any but <see cref="NeedMore"/> is final: no byte that follows changes it.</summary>
public enum Verdict : byte
{
    /// <summary>Nothing arrived yet, or the beginning of TLS, which no timer may call anything else.</summary>
    NeedMore,

    /// <summary>Not TLS.</summary>
    Plaintext,

    /// <summary>TLS of a proxy of the mesh: ours to terminate.</summary>
    MeshTls,

    /// <summary>TLS of the application.</summary>
    OtherTls,

    /// <summary>Began as TLS; the ClientHello is malformed or too large.</summary>
    BrokenTls,
}

/// <summary>What the first bytes of a connection say.</summary>
/// <param name="Verdict">What to decide by.</param>
/// <param name="Protocol">For labels only. Of plaintext it is a guess from what was there, and may become another with more bytes.</param>
/// <param name="Hello">The ClientHello of <see cref="Verdict.MeshTls"/> and <see cref="Verdict.OtherTls"/>, else null.</param>
public readonly record struct Detected(Verdict Verdict, Protocol Protocol, ClientHello? Hello);

/// <summary>Tells TLS of the mesh, other TLS and plaintext apart by the first bytes of a connection, without taking them.</summary>
public static class ProtocolDetector
{
    /// <summary>Decides as soon as the bytes allow it, and never waits for a better label. Allocates only for a whole ClientHello.</summary>
    /// <param name="arrived">All bytes of the connection so far, from its first.</param>
    public static Detected Detect(ReadOnlySpan<byte> arrived) => ClientHelloParser.Parse(arrived, out var hello) switch
    {
        HelloStatus.NeedMore => new(Verdict.NeedMore, Protocol.Unknown, null),
        HelloStatus.NotTls => new(Verdict.Plaintext, PlaintextHint.Of(arrived), null),
        HelloStatus.Complete when hello!.OffersMesh => new(Verdict.MeshTls, Protocol.MeshTls, hello),
        HelloStatus.Complete => new(Verdict.OtherTls, Protocol.Tls, hello),
        _ => new(Verdict.BrokenTls, Protocol.Tls, null),
    };
}
