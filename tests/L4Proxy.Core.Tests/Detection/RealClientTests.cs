using System.Buffers.Binary;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>Hellos as programs of others send them, recorded from a socket when the test runs.</summary>
public sealed class RealClientTests
{
    private const string Host = "web.demo.svc.cluster.local";

    public static TheoryData<string, string, TlsVersion, TlsVersion> Clients => new()
    {
        { "openssl s_client -connect 127.0.0.1:{0} -servername {1} -alpn istio,h2 -min_protocol TLSv1.2", "istio h2", TlsVersion.Tls12, TlsVersion.Tls13 },
        { "openssl s_client -connect 127.0.0.1:{0} -servername {1} -alpn istio -tls1_3", "istio", TlsVersion.Tls13, TlsVersion.Tls13 },
        { "openssl s_client -connect 127.0.0.1:{0} -servername {1} -alpn istio -tls1_2", "istio", TlsVersion.Unknown, TlsVersion.Tls12 },
        { "openssl s_client -connect 127.0.0.1:{0} -servername {1} -tls1_1 -cipher DEFAULT@SECLEVEL=0", "", TlsVersion.Unknown, TlsVersion.Tls11 },
        { "openssl s_client -connect 127.0.0.1:{0} -servername {1} -tls1 -cipher DEFAULT@SECLEVEL=0", "", TlsVersion.Unknown, TlsVersion.Tls10 },
        { "curl --insecure --silent --tlsv1.2 --resolve {1}:{0}:127.0.0.1 https://{1}:{0}/", "h2 http/1.1", TlsVersion.Tls12, TlsVersion.Tls13 },
        { "curl --insecure --silent --tls-max 1.2 --no-alpn --resolve {1}:{0}:127.0.0.1 https://{1}:{0}/", "", TlsVersion.Unknown, TlsVersion.Tls12 },
        { "gnutls-cli --insecure --sni-hostname={1} --alpn=istio --alpn=h2 --priority=NORMAL:-VERS-TLS1.0:-VERS-TLS1.1 --port={0} 127.0.0.1", "istio h2", TlsVersion.Tls12, TlsVersion.Tls13 },
        { "gnutls-cli --insecure --sni-hostname={1} --priority=NORMAL:-VERS-TLS1.3 --port={0} 127.0.0.1", "", TlsVersion.Unknown, TlsVersion.Tls12 },
        { "node -e require('tls').connect({{host:'127.0.0.1',port:{0},servername:'{1}',ALPNProtocols:['istio']}})", "istio", TlsVersion.Tls12, TlsVersion.Tls13 },
        { "node -e require('tls').connect({{host:'127.0.0.1',port:{0},servername:'{1}',maxVersion:'TLSv1.2'}})", "", TlsVersion.Unknown, TlsVersion.Tls12 },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task The_hello_of_a_client_is_read_at_every_cut(string command, string alpn, TlsVersion lowest, TlsVersion highest)
    {
        var words = command.Split(' ').Select(word => string.Format(CultureInfo.InvariantCulture, word, "{0}", Host)).ToList();
        var hello = await Tool.RecordAsync(
            port => Tool.Start(words[0], [.. words.Skip(1).Select(word => word.Replace("{0}", $"{port}", StringComparison.Ordinal))]), IsWholeRecord);

        AssertReadAtEveryCut(hello, alpn, lowest, highest);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, TlsVersion.Tls12, TlsVersion.Tls13)]
    [InlineData(SslProtocols.Tls12, TlsVersion.Unknown, TlsVersion.Tls12)]
    public async Task The_hello_of_SslStream_is_read_at_every_cut(SslProtocols protocols, TlsVersion lowest, TlsVersion highest)
    {
        var hello = await Tool.RecordAsync(
            port =>
            {
                var stream = new SslStream(new TcpClient("127.0.0.1", port).GetStream());
                // It ends when the test closes both ends: there is nobody to answer the hello.
                _ = stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = Host,
                    ApplicationProtocols = [new SslApplicationProtocol("istio")],
                    EnabledSslProtocols = protocols,
                }).ContinueWith(handshake => handshake.Exception, TaskScheduler.Default);
                return stream;
            },
            IsWholeRecord);

        AssertReadAtEveryCut(hello, "istio", lowest, highest);
    }

    private static bool IsWholeRecord(byte[] arrived) => arrived.Length >= 5 && arrived.Length >= 5 + BinaryPrimitives.ReadUInt16BigEndian(arrived.AsSpan(3));

    private static void AssertReadAtEveryCut(byte[] recorded, string alpn, TlsVersion lowest, TlsVersion highest)
    {
        AssertRead(recorded);
        var message = recorded[5..];
        for (var cut = 1; cut < message.Length; cut++)
        {
            AssertRead(HelloBytes.Records(message, cut, 16384));
            AssertRead(HelloBytes.Records(message, cut));
        }

        void AssertRead(byte[] records)
        {
            for (var arrived = 0; arrived < records.Length; arrived += records.Length > recorded.Length ? 53 : 1)
            {
                Assert.Equal(Verdict.NeedMore, ProtocolDetector.Detect(records.AsSpan(0, arrived)).Verdict);
            }
            var detected = ProtocolDetector.Detect(records);
            Assert.Equal(alpn.Contains("istio", StringComparison.Ordinal) ? Verdict.MeshTls : Verdict.OtherTls, detected.Verdict);
            var hello = detected.Hello!;
            Assert.Equal((Host, alpn), (hello.ServerName, string.Join(' ', hello.Alpn)));
            Assert.Equal((lowest, highest), (hello.LowestVersion, hello.HighestVersion));
        }
    }
}
