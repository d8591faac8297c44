using System.Text;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

public sealed class ProtocolDetectorTests
{
    [Fact]
    public void Nothing_said_is_no_verdict() => Assert.Equal(new Detected(Verdict.NeedMore, Protocol.Unknown, null), ProtocolDetector.Detect([]));

    [Fact]
    public void Mesh_TLS_is_told_from_other_TLS_by_its_protocols()
    {
        var mesh = ProtocolDetector.Detect(new HelloBytes().ServerName("a").Alpn("istio").Record());
        var other = ProtocolDetector.Detect(new HelloBytes().ServerName("a").Alpn("h2").Record());
        var none = ProtocolDetector.Detect(new HelloBytes().ServerName("a").Record());

        Assert.Equal((Verdict.MeshTls, Protocol.MeshTls, "a"), (mesh.Verdict, mesh.Protocol, mesh.Hello?.ServerName));
        Assert.Equal((Verdict.OtherTls, Protocol.Tls, "a"), (other.Verdict, other.Protocol, other.Hello?.ServerName));
        Assert.Equal((Verdict.OtherTls, Protocol.Tls, "a"), (none.Verdict, none.Protocol, none.Hello?.ServerName));
    }

    [Fact]
    public void A_hello_above_the_limit_is_broken_TLS() =>
        Assert.Equal(new Detected(Verdict.BrokenTls, Protocol.Tls, null), ProtocolDetector.Detect([22, 3, 1, 2, 0, 1, 1, 0, 0]));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n", Protocol.Http1)]
    [InlineData("OPTIONS * HTTP/1.1\r\n", Protocol.Http1)]
    [InlineData("CONNECT a:443 HTTP/1.1\r\n", Protocol.Http1)]
    [InlineData("DEL", Protocol.Http1)]
    [InlineData("PATCH", Protocol.Http1)]
    [InlineData("GE", Protocol.Opaque)]
    [InlineData("GETX / HTTP/1.1", Protocol.Opaque)]
    [InlineData("CONNECT {\"verbose\":false}\r\n", Protocol.Opaque)]
    [InlineData("\r\nGET / HTTP/1.1", Protocol.Opaque)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxyz", Protocol.Http2)]
    [InlineData("PRI", Protocol.Http2)]
    [InlineData("PRI * HTTP/1.1", Protocol.Opaque)]
    [InlineData("SSH-2.0-x\r\n", Protocol.Ssh)]
    [InlineData("*1\r\n$4\r\nPING\r\n", Protocol.Redis)]
    [InlineData("*3\r", Protocol.Redis)]
    [InlineData("*\r\n$", Protocol.Opaque)]
    [InlineData("*1\r\n:1\r\n", Protocol.Opaque)]
    [InlineData("EHLO a\r\n", Protocol.Opaque)]
    [InlineData("x", Protocol.Opaque)]
    public void Text_is_labelled_by_what_is_there(string arrived, Protocol protocol) => AssertLabel(Encoding.Latin1.GetBytes(arrived), protocol);

    [Theory]
    [InlineData("00000008 04D2162F", Protocol.Postgres)]                          // SSLRequest
    [InlineData("00000008 04D21630", Protocol.Postgres)]                          // GSSENCRequest
    [InlineData("00000010 04D2162E 00000001 00000002", Protocol.Postgres)]        // CancelRequest
    [InlineData("00000029 00030000 75736572", Protocol.Postgres)]                 // StartupMessage 3.0
    [InlineData("00000029 00030002 75736572", Protocol.Postgres)]                 // StartupMessage 3.2
    [InlineData("00000009 04D2162F 00", Protocol.Opaque)]
    [InlineData("00FF0029 00030000 75736572", Protocol.Opaque)]
    [InlineData("00000008 04D216", Protocol.Opaque)]
    [InlineData("00000020 0012 0003 00000001 0007 72646B61666B61", Protocol.Kafka)]   // ApiVersions
    [InlineData("00000014 0003 000C 00000001 FFFF", Protocol.Kafka)]                  // Metadata, no client id
    [InlineData("00000020 0012 0003 00000001 0007 72646B0061", Protocol.Opaque)]
    [InlineData("00000020 0012 0003 00000001 0070 7261", Protocol.Opaque)]
    [InlineData("3A000000 01000000 00000000 DD070000 0000", Protocol.Mongo)]      // OP_MSG
    [InlineData("3A000000 01000000 00000000 D4070000 0000", Protocol.Mongo)]      // OP_QUERY
    [InlineData("3A000000 01000000 01000000 DD070000 0000", Protocol.Opaque)]
    [InlineData("FF", Protocol.Opaque)]
    public void Binary_is_labelled_by_what_is_there(string hex, Protocol protocol) =>
        AssertLabel(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), protocol);

    private static void AssertLabel(byte[] arrived, Protocol protocol)
    {
        Detected detected;
        long allocated;
        var looks = 0;
        do
        {
            // A collection that another thread brings about is charged to whoever runs just then; the detector's own would be there each time.
            var before = GC.GetAllocatedBytesForCurrentThread();
            detected = ProtocolDetector.Detect(arrived);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && ++looks < 4);

        Assert.Equal(new Detected(Verdict.Plaintext, protocol, null), detected);
        Assert.Equal(0, allocated);
    }
}
