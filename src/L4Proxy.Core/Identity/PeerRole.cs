namespace L4Proxy.Core.Identity;

/// <summary>Which end of TLS the peer is; it decides which extended key usage its certificate needs.</summary>
public enum PeerRole : byte
{
    /// <summary>The peer accepted our connection: serverAuth.</summary>
    Server,

    /// <summary>The peer connected to us: clientAuth.</summary>
    Client,
}
