namespace L4Proxy.Core.Detection;

/// <summary>What the bytes that have arrived are. Any but <see cref="NeedMore"/> is final: no byte that follows changes it.</summary>
public enum HelloStatus : byte
{
    /// <summary>The beginning of a ClientHello so far. Ask again when there are more bytes, and not before.</summary>
    NeedMore,

    /// <summary>Cannot be TLS.</summary>
    NotTls,

    /// <summary>Began as TLS and breaks its rules.</summary>
    Malformed,

    /// <summary>A ClientHello above <see cref="ClientHelloParser.MaxBytes"/>, or in too many records.</summary>
    TooLarge,

    /// <summary>A whole ClientHello.</summary>
    Complete,
}
