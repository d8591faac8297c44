using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>Kestrel's seam for ordinary addresses: its own connections, accepted by <see cref="OperatorListener"/>.</summary>
internal sealed class OperatorTransportFactory(ILoggerFactory logging) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <exception cref="AddressInUseException">Another socket has the address.</exception>
    /// <exception cref="IOException">The kernel refused to listen there; the message says why.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new OperatorListener((IPEndPoint)endpoint, logging.CreateLogger<OperatorListener>()));
}
