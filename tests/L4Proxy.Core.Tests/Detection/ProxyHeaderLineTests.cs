using System.Net;
using System.Text;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>PROXY protocol, version 1.</summary>
public sealed class ProxyHeaderLineTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1:56324", "192.168.0.11:443")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 0.0.0.0 1.2.3.4 0 1\r\n", "0.0.0.0:0", "1.2.3.4:1")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "[2001:db8::1]:1", "[::1]:2")]
    [InlineData("PROXY TCP6 :: 2001:0DB8:0000:0000:0000:0000:0000:000a 1 2\r\n", "[::]:1", "[2001:db8::a]:2")]
    [InlineData("PROXY TCP6 1:: 1:2:3:4:5:6:7:: 1 2\r\n", "[1::]:1", "[1:2:3:4:5:6:7:0]:2")]
    [InlineData("PROXY TCP6 ::2:3:4:5:6:7:8 1::8 1 2\r\n", "[0:2:3:4:5:6:7:8]:1", "[1::8]:2")]
    [InlineData("PROXY TCP6 ::ffff:10.0.0.1 1:2:3:4:5:6:1.2.3.4 1 2\r\n", "[::ffff:10.0.0.1]:1", "[1:2:3:4:5:6:102:304]:2")]
    [InlineData("PROXY UNKNOWN\r\n", null, null)]
    [InlineData("PROXY UNKNOWN whatever it says\r\n", null, null)]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", null, null)]
    public void A_line_is_read_whole_and_waited_for_until_its_last_byte(string line, string? source, string? destination)
    {
        var bytes = Encoding.Latin1.GetBytes(line);
        for (var arrived = 0; arrived < bytes.Length; arrived++)
        {
            Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeaderParser.Parse(bytes.AsSpan(0, arrived), out _));
        }

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse([.. bytes, .. "GET / HTTP/1.1"u8], out var header));

        Assert.Equal(bytes.Length, header.Length);
        Assert.Equal(source is null ? null : IPEndPoint.Parse(source), header.Source);
        Assert.Equal(destination is null ? null : IPEndPoint.Parse(destination), header.Destination);
        Assert.Null(header.Problem);
    }

    // A bar stands before the byte that cannot be right.
    [Theory]
    [InlineData("|proxy TCP4")]
    [InlineData("P|OST / HTTP/1.1")]
    [InlineData("PROXY | TCP4 1.2.3.4")]
    [InlineData("PROXY U|DP4 1.2.3.4")]
    [InlineData("PROXY |\r\n")]
    [InlineData("PROXY |\tTCP4 1.2.3.4")]
    [InlineData("PROXY|\tTCP4 1.2.3.4")]
    [InlineData("PROXY TCP|5 ")]
    [InlineData("PROXY TCP4 0|0.2.3.4 ")]
    [InlineData("PROXY TCP4 1.2.3.0|x4 ")]
    [InlineData("PROXY TCP4 1.2.3.4|\t")]
    [InlineData("PROXY TCP|\r\n")]
    [InlineData("PROXY TCP4 |::1 ")]
    [InlineData("PROXY TCP4 0|1.2.3.4 ")]
    [InlineData("PROXY TCP4 25|6.2.3.4 ")]
    [InlineData("PROXY TCP4 1.2.3| 1")]
    [InlineData("PROXY TCP4 1.2.3.4|.5 ")]
    [InlineData("PROXY TCP4 1.2.|.4 ")]
    [InlineData("PROXY TCP4 1.2.3.4 | 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 0|1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 6553|6 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 |-1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 |\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2|\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r|\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2| \r\n")]
    [InlineData("PROXY TCP6 1|.2.3.4 ")]
    [InlineData("PROXY TCP6 fe80::1|%eth0 ")]
    [InlineData("PROXY TCP6 |[::1] ")]
    [InlineData("PROXY TCP6 ::1|/64 ")]
    [InlineData("PROXY TCP6 :|1::2 ")]
    [InlineData("PROXY TCP6 1::2:|:3 ")]
    [InlineData("PROXY TCP6 ::|: ")]
    [InlineData("PROXY TCP6 1:| ")]
    [InlineData("PROXY TCP6 1234|5:: ")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7| ")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:8|:9 ")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7::|8 ")]
    [InlineData("PROXY TCP6 ::1:2:3:4:5:6:7|:8 ")]
    [InlineData("PROXY TCP6 ::ffff:1.2.3.25|6 ")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:1|.2.3.4 ")]
    [InlineData("PROXY UNKNOWN|X\r\n")]
    [InlineData("PROXY UNKNOWN|\n")]
    [InlineData("PROXY UNKNOWN a\r|b\r\n")]
    [InlineData("PROXY UNKNOWN a|\nb")]
    [InlineData("PROXY UNKNOWN |\0\r\n")]
    public void A_line_is_refused_at_the_first_byte_that_cannot_be_right(string marked)
    {
        var wrong = marked.IndexOf('|', StringComparison.Ordinal);
        var bytes = Encoding.Latin1.GetBytes(marked.Replace("|", "", StringComparison.Ordinal));
        Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeaderParser.Parse(bytes.AsSpan(0, wrong), out _));
        for (var arrived = wrong + 1; arrived <= bytes.Length; arrived++)
        {
            Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(bytes.AsSpan(0, arrived), out var header));
            Assert.NotNull(header.Problem);
            Assert.Equal(0, header.Length);
        }
    }

    [Fact]
    public void A_line_of_more_than_107_bytes_is_refused()
    {
        var longest = "PROXY UNKNOWN " + new string('x', 107 - 16) + "\r\n";
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(Encoding.Latin1.GetBytes(longest), out var header));
        Assert.Equal(107, header.Length);

        var longer = Encoding.Latin1.GetBytes(longest.Replace("\r\n", "x\r\n", StringComparison.Ordinal));
        Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeaderParser.Parse(longer.AsSpan(0, 106), out _));
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(longer.AsSpan(0, 107), out header));
        Assert.Equal("the PROXY line is longer than 107 bytes", header.Problem);
    }
}
