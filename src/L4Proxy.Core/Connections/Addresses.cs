using System.Net;

namespace L4Proxy.Core.Connections;

/// <summary>Who connected to us. Its own type, like the three below, so that two addresses cannot change places in a call.</summary>
public readonly record struct DownstreamAddress(IPEndPoint EndPoint)
{
    public override string ToString() => EndPoint.ToString();
}

/// <summary>Where we accepted the connection: our own end of the downstream leg.</summary>
public readonly record struct ListenerAddress(IPEndPoint EndPoint)
{
    public override string ToString() => EndPoint.ToString();
}

/// <summary>Where the downstream was going before netfilter redirected it to us.</summary>
public readonly record struct OriginalDestination(IPEndPoint EndPoint)
{
    public override string ToString() => EndPoint.ToString();
}

/// <summary>Where we dial on the downstream's behalf.</summary>
public readonly record struct UpstreamAddress(IPEndPoint EndPoint)
{
    public override string ToString() => EndPoint.ToString();
}
