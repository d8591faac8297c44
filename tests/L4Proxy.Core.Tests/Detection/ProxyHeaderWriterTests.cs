using System.Buffers.Binary;
using System.Net;
using System.Text;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

public sealed class ProxyHeaderWriterTests
{
    private const string Identity = "spiffe://cluster.local/ns/demo/sa/web";

    [Theory]
    [InlineData("10.0.0.1:1", "10.0.0.2:2", "10.0.0.1:1", "10.0.0.2:2", 28)]
    [InlineData("[2001:db8::1]:1", "[::1]:2", "[2001:db8::1]:1", "[::1]:2", 52)]
    [InlineData("10.0.0.1:1", "[2001:db8::1]:2", "[::ffff:10.0.0.1]:1", "[2001:db8::1]:2", 52)]
    [InlineData("[2001:db8::1]:1", "10.0.0.1:2", "[2001:db8::1]:1", "[::ffff:10.0.0.1]:2", 52)]
    [InlineData("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.2]:2", "10.0.0.1:1", "10.0.0.2:2", 28)]
    [InlineData("[::ffff:10.0.0.1]:65535", "10.0.0.2:0", "10.0.0.1:65535", "10.0.0.2:0", 28)]
    public void Addresses_are_written_in_the_family_both_fit(string source, string destination, string readSource, string readDestination, int length)
    {
        var header = Write(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), null);

        Assert.Equal(length, header.Length);
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(header, out var read));
        Assert.Equal(new ProxyHeader(length, IPEndPoint.Parse(readSource), IPEndPoint.Parse(readDestination), null), read);
    }

    [Theory]
    [InlineData(null, "10.0.0.2:2")]
    [InlineData("10.0.0.1:1", null)]
    public void Without_both_addresses_it_is_LOCAL_and_says_nothing_else(string? source, string? destination)
    {
        var header = Write(source is null ? null : IPEndPoint.Parse(source), destination is null ? null : IPEndPoint.Parse(destination), Identity);

        Assert.Equal("0D0A0D0A000D0A515549540A20000000", Convert.ToHexString(header));
    }

    [Fact]
    public void The_identity_is_the_only_field_and_ends_the_header()
    {
        var header = Write(IPEndPoint.Parse("10.0.0.1:1"), IPEndPoint.Parse("10.0.0.2:2"), Identity);

        Assert.Equal(0xD0, header[28]);
        Assert.Equal(Identity.Length, BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(29)));
        Assert.Equal(Identity, Encoding.UTF8.GetString(header.AsSpan(31)));
        Assert.Equal(header.Length - 16, BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(14)));
    }

    [Fact]
    public void No_identity_writes_no_field() =>
        Assert.Equal(28, Write(IPEndPoint.Parse("10.0.0.1:1"), IPEndPoint.Parse("10.0.0.2:2"), "").Length);

    [Fact]
    public void The_longest_identity_fits_and_one_byte_more_is_refused()
    {
        var (source, destination) = (IPEndPoint.Parse("[::1]:1"), IPEndPoint.Parse("[::1]:2"));

        Assert.Equal(ProxyHeaderWriter.MaxLength, Write(source, destination, new string('a', 2048)).Length);
        Assert.Throws<ArgumentException>(() => Write(source, destination, new string('a', 2049)));
        Assert.Throws<ArgumentException>(() => Write(source, destination, new string('ü', 1025)));
        Assert.ThrowsAny<ArgumentException>(() => Write(source, destination, "\uD800"));
    }

    [Fact]
    public void A_buffer_that_might_be_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => ProxyHeaderWriter.WriteV2(new byte[ProxyHeaderWriter.MaxLength - 1], null, null, null));

    // Room beyond the header must stay as it was.
    private static byte[] Write(IPEndPoint? source, IPEndPoint? destination, string? identity)
    {
        var buffer = new byte[ProxyHeaderWriter.MaxLength + 16];
        buffer.AsSpan().Fill(0xEE);
        var length = ProxyHeaderWriter.WriteV2(buffer, source, destination, identity);
        Assert.False(buffer.AsSpan(length).ContainsAnyExcept((byte)0xEE));
        return buffer[..length];
    }
}
