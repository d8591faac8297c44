using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Tests.Identity;

public sealed class NetworkTests
{
    [Fact]
    public void Addresses_in_certificates_are_never_called()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://{listener.LocalEndpoint}/ca";
        var root = Authority.Root();
        var intermediate = root.Intermediate(change: Addressed);
        var leaf = intermediate.Leaf(change: Addressed);

        Trust.In(root).Accepts(leaf, intermediate.Certificate);
        Trust.In(intermediate).Accepts(leaf);
        Trust.In(root, root.Revokes(), intermediate.Revokes()).Accepts(leaf, intermediate.Certificate);
        Trust.In(root).Refuses(CloseReason.TlsUnknownCa, "was not sent along", leaf);

        Assert.False(listener.Pending());   // a call would have been made before the verdict

        void Addressed(CertificateShape shape)
        {
            shape.Set(new X509AuthorityInformationAccessExtension([url], [url], critical: false));
            shape.Set(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([url], critical: false));
        }
    }
}
