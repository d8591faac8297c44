using System.Net;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Hosting;

/// <summary>The seam: Kestrel asks who can bind an endpoint, and gets this transport for <see cref="LoopEndPoint"/> only.</summary>
public sealed class LoopTransportFactory(EventLoops loops) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint;

    /// <exception cref="NotSupportedException">The endpoint is not a <see cref="LoopEndPoint"/>.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        endpoint is LoopEndPoint own
            ? new ValueTask<IConnectionListener>(new LoopListener(own, loops))
            : throw new NotSupportedException($"{endpoint} is not an endpoint of the event loops");
}
