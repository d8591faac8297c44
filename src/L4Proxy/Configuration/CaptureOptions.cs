namespace L4Proxy.Configuration;

/// <summary>How the rules of this pod hand connections to the inbound listener.</summary>
internal enum CaptureMode
{
    /// <summary>NAT: the original destination is asked of the kernel (SO_ORIGINAL_DST).</summary>
    Redirect,

    /// <summary>Transparent sockets: the original destination is the local address of the accepted socket.</summary>
    Tproxy,
}

/// <summary>The listeners that receive redirected connections. An absent port switches its direction off.</summary>
internal sealed record CaptureOptions
{
    /// <summary>Port that receives what the workload sends out; absent = outbound is not captured. 15001 by Istio's convention.</summary>
    public int? Outbound { get; init; }

    /// <summary>
    /// Port that receives what is addressed to the workload; absent = inbound is not captured. 15006 by Istio's convention.
    /// </summary>
    public int? Inbound { get; init; }

    /// <summary>Default <see cref="CaptureMode.Redirect"/>, as Istio has it: it needs no capability in the proxy.</summary>
    public CaptureMode Mode { get; init; }

    /// <summary>
    /// Whether guests behind the pod (containers, virtual machines) are captured too: their connections do not arrive on loopback,
    /// so the outbound listener binds every address. Default false: nobody outside the pod can reach it.
    /// </summary>
    public bool Guests { get; init; }

    /// <summary>
    /// Whether IPv6 is captured too, and readiness must prove it wherever the host has an IPv6 address. Default true; false only
    /// beside rules that were applied with <c>--ipv6 off</c>.
    /// </summary>
    public bool Ipv6 { get; init; } = true;

    /// <summary>PROXY protocol of the inbound listener; outbound has none.</summary>
    public ProxyProtocolOptions ProxyProtocol { get; init; } = new();
}
