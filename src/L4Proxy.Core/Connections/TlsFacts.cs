namespace L4Proxy.Core.Connections;

/// <summary>How a connection was secured on its way to or from us, as far as we know.</summary>
public enum Security : byte
{
    /// <summary>Not by us, and nobody saw TLS in it.</summary>
    Plaintext,

    /// <summary>By the workloads themselves: TLS that passed through.</summary>
    PassedTls,

    /// <summary>By us: both ends have proven who they are.</summary>
    MutualTls,

    /// <summary>By us, toward a server outside the mesh that has proven its name.</summary>
    OriginatedTls,
}

/// <summary>What a connection learned about TLS, by looking at it or by taking part. Absent facts are null.</summary>
public sealed class TlsFacts
{
    /// <summary>Server name the downstream's ClientHello asked for, or that we sent.</summary>
    public string? ServerName { get; set; }

    /// <summary>Application protocol that was negotiated; of TLS that passes through, the first one offered.</summary>
    public string? Alpn { get; set; }

    /// <summary><c>1.2</c> or <c>1.3</c>, once negotiated.</summary>
    public string? Version { get; set; }

    /// <summary>SPIFFE ID the peer proved; null for a peer that was refused, so that no refused name is used by mistake.</summary>
    public string? PeerIdentity { get; set; }

    /// <summary>SPIFFE ID we showed.</summary>
    public string? LocalIdentity { get; set; }

    /// <summary>Microseconds of the record's clock, 0 while it has not happened.</summary>
    public long HandshakeStartedAt { get; set; }
    public long HandshakeEndedAt { get; set; }
}
