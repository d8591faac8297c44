using System.Net;
using System.Net.Sockets;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Interception;
using L4Proxy.Transport.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace L4Proxy.Listening;

/// <summary>Which addresses Kestrel serves, and by what: connections by the event loops, HTTP by its own sockets.</summary>
internal sealed class ProxyListeners(ProxyOptions options)
{
    /// <summary>A listener of the data plane: its role for the log, where it binds, and whether the proxy can do without it.</summary>
    public sealed record DataListener(string Role, Direction Direction, LoopEndPoint EndPoint, int ForwardIndex = -1);

    /// <summary>Every data listener of the configuration on this host.</summary>
    public IReadOnlyList<DataListener> Data { get; } = [.. Capture(options), .. Forward(options)];

    /// <summary>Every port of ours, for the loop guard.</summary>
    public IEnumerable<int> OwnPorts =>
    [
        .. Data.Select(listener => listener.EndPoint.Address.Port), options.Health, options.Admin, .. options.Telemetry.Metrics,
    ];

    /// <summary>Tells Kestrel what to bind; it binds when it starts and stops at the first that is refused.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="accounting">The outermost middleware, by direction.</param>
    /// <param name="admission">The door.</param>
    /// <param name="handlerOf">What serves a listener.</param>
    public void Bind(
        KestrelServerOptions kestrel, Func<Direction, ConnectionAccounting> accounting, ConnectionAdmission admission,
        Func<DataListener, IConnectionHandler> handlerOf)
    {
        foreach (var listener in Data)
        {
            var account = accounting(listener.Direction);
            var handler = handlerOf(listener);
            Func<ProxiedConnection, Task> admitted = connection =>
                admission.Admits(connection) ? handler.HandleAsync(connection) : Task.CompletedTask;
            kestrel.Listen(listener.EndPoint, endPoint => endPoint.Run(context => account.RunAsync(context, admitted)));
        }
        foreach (var port in options.Telemetry.Metrics.Append(options.Health))
        {
            kestrel.Listen(Wildcard(port), endPoint => endPoint.Use(new OperatorAdmission().Guard));
        }
        var admin = new OperatorAdmission();
        foreach (var address in Loopback(options.Admin))
        {
            kestrel.Listen(address, endPoint => endPoint.Use(admin.Guard));
        }
    }

    private static IEnumerable<DataListener> Capture(ProxyOptions options)
    {
        var transparent = options.Capture.Mode == CaptureMode.Tproxy;
        if (options.Capture.Outbound is { } outbound)
        {
            // REDIRECT in OUTPUT always goes to loopback; only guests behind the pod arrive at another address.
            var addresses = options.Capture.Guests ? [Wildcard(outbound)] : Loopback(outbound);
            foreach (var address in addresses)
            {
                yield return new DataListener("outbound capture", Direction.Outbound, new LoopEndPoint(address));
            }
        }
        if (options.Capture.Inbound is { } inbound)
        {
            yield return new DataListener("inbound capture", Direction.Inbound, new LoopEndPoint(Wildcard(inbound)) { Transparent = transparent });
        }
    }

    private static IEnumerable<DataListener> Forward(ProxyOptions options) =>
        options.Forward.Select((forward, index) => new DataListener(
            $"forward to {forward.Upstream}", Direction.Forward, new LoopEndPoint(forward.Listen), index));

    /// <summary>Of both families, where the host has both.</summary>
    private static IPEndPoint[] Loopback(int port) => Socket.OSSupportsIPv6 && Transport.HostAddresses.IsLocal(IPAddress.IPv6Loopback)
        ? [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)]
        : [new(IPAddress.Loopback, port)];

    /// <summary>Every address of both families, or of IPv4 where the kernel has no IPv6.</summary>
    private static IPEndPoint Wildcard(int port) => new(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port);
}
