using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>A server that is not ours, echoes over mutual TLS, and asks for each connection which certificate to show.</summary>
internal sealed class MeshEcho(Func<SslServerAuthenticationOptions> options) : IAsyncDisposable
{
    private readonly Backend _backend = new(socket => ServeAsync(socket, options()));

    public IPEndPoint Address => _backend.Address;

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private static async Task ServeAsync(Socket socket, SslServerAuthenticationOptions options)
    {
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsServerAsync(options);
            await tls.CopyToAsync(tls);
            await tls.ShutdownAsync();
        }
        catch (Exception ended) when (ended is IOException or AuthenticationException)
        {
            // Whoever called says how it went.
        }
    }
}
