using System.Net;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>PROXY headers as programs of others write and read them.</summary>
public sealed class RealProxyHeaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l4p-proxy-header-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_line_of_curl_is_read()
    {
        var arrived = await Tool.RecordAsync(port => Tool.Start("curl", "--silent", "--haproxy-protocol", $"http://127.0.0.1:{port}/"), HasRequest);

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(arrived, out var header));

        Assert.Equal(IPAddress.Loopback, header.Source?.Address);
        Assert.StartsWith("GET / HTTP/1.1\r\n", Encoding.ASCII.GetString(arrived.AsSpan(header.Length)), StringComparison.Ordinal);
    }

    // There and back: haproxy reads what we write, and writes what it read in its own words, with the checksum that only it and the parser compute.
    [Theory]
    [InlineData("send-proxy", "10.1.2.3:4567", "10.9.8.7:80", null)]
    [InlineData("send-proxy", "[2001:db8::1]:4567", "[2001:db8::2]:80", "spiffe://cluster.local/ns/demo/sa/web")]
    [InlineData("send-proxy-v2", "10.1.2.3:4567", "10.9.8.7:80", "spiffe://cluster.local/ns/demo/sa/web")]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id", "10.1.2.3:4567", "10.9.8.7:80", "spiffe://cluster.local/ns/demo/sa/web")]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id", "[2001:db8::1]:4567", "[2001:db8::2]:80", "spiffe://cluster.local/ns/demo/sa/web")]
    [InlineData("send-proxy-v2-ssl-cn proxy-v2-options crc32c", "10.1.2.3:4567", "10.9.8.7:80", null)]
    public async Task Haproxy_reads_what_we_write_and_we_read_what_haproxy_writes(string sends, string source, string destination, string? identity)
    {
        var arrived = await ThroughHaproxyAsync(sends, socket =>
        {
            var header = new byte[ProxyHeaderWriter.MaxLength];
            var length = ProxyHeaderWriter.WriteV2(header, IPEndPoint.Parse(source), IPEndPoint.Parse(destination), identity);
            socket.Send([.. header[..length], .. "GET / HTTP/1.1\r\n\r\n"u8]);
        });

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(arrived, out var read));

        Assert.Equal((IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), (read.Source, read.Destination));
        Assert.Equal("GET / HTTP/1.1\r\n\r\n", Encoding.ASCII.GetString(arrived.AsSpan(read.Length)));
    }

    [Fact]
    public async Task One_flipped_bit_under_the_checksum_of_haproxy_is_noticed()
    {
        var arrived = await ThroughHaproxyAsync("send-proxy-v2 proxy-v2-options crc32c", socket =>
        {
            var header = new byte[ProxyHeaderWriter.MaxLength];
            var length = ProxyHeaderWriter.WriteV2(header, IPEndPoint.Parse("10.1.2.3:4567"), IPEndPoint.Parse("10.9.8.7:80"), null);
            socket.Send([.. header[..length], .. "GET / HTTP/1.1\r\n\r\n"u8]);
        });
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(arrived, out _));

        // Addresses, ports and the checksum itself.
        foreach (var at in Enumerable.Range(16, 12).Concat(Enumerable.Range(31, 4)))
        {
            var damaged = arrived.ToArray();
            damaged[at] ^= 4;
            Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(damaged, out var header));
            Assert.Equal("the checksum of the PROXY header is not right", header.Problem);
        }
    }

    private Task<byte[]> ThroughHaproxyAsync(string sends, Action<Socket> speak) => Tool.RecordAsync(
        port =>
        {
            var front = Path.Combine(_directory, "front");
            var configuration = Path.Combine(_directory, "haproxy.cfg");
            File.WriteAllText(configuration, $"""
                defaults
                  mode tcp
                  timeout connect 30s
                  timeout client 30s
                  timeout server 30s
                  unique-id-format %pid-%rt
                listen all
                  bind unix@{front} accept-proxy
                  server recorder 127.0.0.1:{port} {sends}

                """);
            return new HaproxyAndItsClient(configuration, front, speak);
        },
        HasRequest);

    private static bool HasRequest(byte[] arrived) => arrived.AsSpan().EndsWith("\r\n\r\n"u8);

    private sealed class HaproxyAndItsClient : IDisposable
    {
        private readonly Tool _haproxy;
        private readonly Socket _client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public HaproxyAndItsClient(string configuration, string front, Action<Socket> speak)
        {
            _haproxy = Tool.Start("haproxy", "-db", "-f", configuration);
            // It accepts once its socket is there and answers; there is no earlier sign of it.
            Assert.True(SpinWait.SpinUntil(() => TryConnect(front), Tool.Patience), "haproxy did not listen");
            speak(_client);
        }

        public void Dispose()
        {
            _client.Dispose();
            _haproxy.Dispose();
        }

        private bool TryConnect(string front)
        {
            try
            {
                _client.Connect(new UnixDomainSocketEndPoint(front));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
