using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Tests.Telemetry;

/// <summary>A real Kestrel on a port of the kernel's choice that answers with one delegate.</summary>
internal sealed class OperatorHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OperatorHost(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    public static async Task<OperatorHost> StartAsync(RequestDelegate endpoints)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var application = builder.Build();
        application.Run(endpoints);
        await application.StartAsync();
        return new OperatorHost(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
