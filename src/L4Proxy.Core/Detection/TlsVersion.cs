namespace L4Proxy.Core.Detection;

/// <summary>A version of TLS as it stands on the wire (RFC 8446 §4.1.2 and §4.2.1).</summary>
public enum TlsVersion : ushort
{
    /// <summary>Not told, or none that has a name here.</summary>
    Unknown,
    Ssl30 = 0x0300,
    Tls10 = 0x0301,
    Tls11 = 0x0302,
    Tls12 = 0x0303,
    Tls13 = 0x0304,
}
