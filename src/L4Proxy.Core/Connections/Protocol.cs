namespace L4Proxy.Core.Connections;

/// <summary>
/// What the first bytes of a connection looked like. A hint for labels and logs: nothing is decided by it, so a wrong one is harmless.
/// </summary>
public enum Protocol : byte
{
    /// <summary>Nobody looked, or nobody had spoken yet.</summary>
    Unknown,

    /// <summary>Bytes of no protocol we know.</summary>
    Opaque,

    /// <summary>TLS between the workloads themselves.</summary>
    Tls,

    /// <summary>TLS between the proxies of a mesh.</summary>
    MeshTls,
    Http1,
    Http2,
    Ssh,
    Postgres,
    Redis,
    Kafka,
    Mongo,
}
