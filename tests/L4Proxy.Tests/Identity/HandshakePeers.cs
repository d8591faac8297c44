using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Tests.Identity;

/// <summary>A handshake over loopback.</summary>
internal static class HandshakePeers
{
    /// <summary>What a client is shown by a server with this certificate: thumbprints of the leaf and of whatever came with it.</summary>
    public static async Task<(string Leaf, string[] Presented)> ShowAsync(SslStreamCertificateContext certificate)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await using var server = new SslStream(accepted.GetStream());
        await using var stream = new SslStream(client.GetStream());
        (string, string[]) shown = default;
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate }),
            stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "web",
                RemoteCertificateValidationCallback = (_, leaf, chain, _) =>
                {
                    var thumbprint = ((X509Certificate2)leaf!).Thumbprint;
                    shown = (thumbprint, [.. chain!.ChainPolicy.ExtraStore.Select(presented => presented.Thumbprint).Where(other => other != thumbprint)]);
                    return true;
                },
            }));
        return shown;
    }
}
