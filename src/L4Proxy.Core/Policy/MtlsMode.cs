namespace L4Proxy.Core.Policy;

/// <summary>What inbound connections must be. The words are those of Istio's PeerAuthentication.</summary>
public enum MtlsMode
{
    /// <summary>TLS is the workload's own business: bytes pass as they are.</summary>
    Disable,

    /// <summary>Mesh TLS is terminated, everything else passes as it is.</summary>
    Permissive,

    /// <summary>Every connection must be TLS with a client certificate we believe; plaintext is refused.</summary>
    Strict,
}
