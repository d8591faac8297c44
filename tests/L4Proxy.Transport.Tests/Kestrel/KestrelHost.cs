using System.Net;
using L4Proxy.Transport.Hosting;
using L4Proxy.Transport.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Transport.Tests.Kestrel;

/// <summary>Kestrel with the transport under one endpoint that echoes, and stock sockets under one that speaks HTTP.</summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EventLoops _loops;
    private readonly List<ListenOptions> _endPoints = [];

    private KestrelHost(int loops, IPAddress address)
    {
        _loops = new EventLoops(new TransportSettings { Loops = loops });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LoopTransportFactory(_loops));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(new LoopEndPoint(new IPEndPoint(address, 0)), listen =>
            {
                _endPoints.Add(listen);
                listen.Run(ServeAsync);
            });
            kestrel.Listen(new IPEndPoint(IPAddress.Loopback, 0), _endPoints.Add);
        });
        _app = builder.Build();
        _app.Run(context => context.Response.WriteAsync(context.Features.Get<ILegFeature>() is null ? "stock" : "loop"));
    }

    public IReadOnlyList<EventLoop> Loops => _loops.All;

    /// <summary>The endpoint of the loops, with the port it got.</summary>
    public IPEndPoint Address => ((LoopEndPoint)_endPoints[0].EndPoint).Address;
    public IPEndPoint HttpAddress => (IPEndPoint)_endPoints[1].EndPoint;

    /// <summary>Connections as the middleware saw them.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<(EndPoint? Remote, EndPoint? Local, int Loop, bool OnLoop)> Seen { get; } = new();

    public static async Task<KestrelHost> StartAsync(int loops = 1, IPAddress? address = null)
    {
        var host = new KestrelHost(loops, address ?? IPAddress.Loopback);
        await host._app.StartAsync();
        return host;
    }

    public Task StopAsync(bool abort) => _app.StopAsync(new CancellationToken(abort)).WaitAsync(Patience.Limit);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _loops.Dispose();
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var leg = connection.Features.Get<ILegFeature>()!.Leg;
        await leg.EnterLoopAsync();
        Seen.Enqueue((connection.RemoteEndPoint, connection.LocalEndPoint, leg.Loop.Index, leg.Loop.IsCurrent));
        await Echo.RunAsync(leg);
    }
}
